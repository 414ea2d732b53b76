// Package notes reads the notes whose claims are put to the test: it finds each quote, knows which lines nobody
// answers for, and writes the verdicts beside the sentences. It is pure: it takes text and gives text.
package notes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Notes is a text of notes, line by line.
type Notes struct {
	lines []string
	// flat is all words, as visible leaves them; line holds, for each of its bytes, the number of its line.
	flat string
	line []int
}

// Parse reads the text of notes, whatever its line ends; a byte-order mark is dropped. Lines are numbered from 1.
func Parse(text string) *Notes {
	text = lineEnds.Replace(strings.TrimPrefix(text, byteOrderMark))
	n := &Notes{lines: strings.Split(strings.TrimRight(text, "\n"), "\n")}
	var flat strings.Builder
	for i, line := range n.lines {
		for _, word := range strings.Fields(visible(line)) {
			if flat.Len() > 0 {
				word = " " + word
			}
			flat.WriteString(word)
			for range len(word) {
				n.line = append(n.line, i+1)
			}
		}
	}
	n.flat = flat.String()
	return n
}

// Lines are the lines as they stand.
func (n *Notes) Lines() []string { return append([]string(nil), n.lines...) }

// Valid reports the first place at which the notes are no UTF-8 text, with what they may be instead.
func (n *Notes) Valid() error {
	for i, line := range n.lines {
		column := 1
		for at, letter := range line {
			if _, size := utf8.DecodeRuneInString(line[at:]); letter == 0 || letter == utf8.RuneError && size == 1 {
				return fmt.Errorf("line %d, column %d of the notes: the byte %#02x is no text in UTF-8; save the notes as UTF-8 (they may be UTF-16, CP949 or EUC-KR)",
					i+1, column, line[at])
			}
			column++
		}
	}
	return nil
}

// Find says on which lines the quote stands, the first and the last. Line breaks and runs of spaces are compared as one
// space, typographic quotation marks as plain ones, composed and decomposed letters alike, and invisible characters not at all.
// Where it is a whole line, or several, it is not looked for within others. A quote that is not there, or that stands at
// several places, is an error that names the lines in question.
func (n *Notes) Find(quote string) (first, last int, err error) {
	all, err := n.places(quote)
	if err != nil {
		return 0, 0, err
	}
	if len(all) > 1 {
		return 0, 0, fmt.Errorf("the quote %q stands in the notes %d times, on %s and on %s among others: quote more of the one that is meant",
			brief(quote), len(all), span(all[0].first, all[0].last), span(all[1].first, all[1].last))
	}
	return all[0].first, all[0].last, nil
}

// place is where a quote stands.
type place struct {
	first, last int  // its lines
	whole       bool // it is all that these lines say
}

// places are all places of a quote, one at least: those where it is whole lines if there are any, else those within lines.
func (n *Notes) places(quote string) ([]place, error) {
	want := visible(quote)
	if want == "" {
		return nil, errors.New("an empty quote stands nowhere in the notes: quote a sentence of them")
	}
	var all []place
	for from := 0; ; {
		at := strings.Index(n.flat[from:], want)
		if at < 0 {
			break
		}
		begin, end := from+at, from+at+len(want)
		found := place{n.line[begin], n.line[end-1], n.beginsLine(begin) && (end == len(n.flat) || n.line[end] != n.line[end-1])}
		if len(all) == 0 || all[len(all)-1] != found {
			all = append(all, found)
		}
		from = begin + 1
	}
	if len(all) == 0 {
		return nil, n.notThere(quote)
	}
	if slices.ContainsFunc(all, func(p place) bool { return p.whole }) {
		all = slices.DeleteFunc(all, func(p place) bool { return !p.whole })
	}
	return all, nil
}

// beginsLine says whether the word at this byte of flat is the first one of its line. The space before it is of its line.
func (n *Notes) beginsLine(at int) bool {
	return at == 0 || at >= 2 && n.flat[at-1] == ' ' && n.line[at-2] != n.line[at]
}

// notThere says which lines come nearest to a quote that is not in the notes.
func (n *Notes) notThere(quote string) error {
	f, l := n.nearest(quote)
	if f == 0 {
		return fmt.Errorf("the quote %q is not in the notes, and no line is like it", brief(quote))
	}
	near := visible(strings.Join(n.lines[f-1:l], " "))
	return fmt.Errorf("the quote %q is not in the notes; nearest comes %s, which reads %q%s: quote it word for word",
		brief(quote), span(f, l), near, parting(visible(quote), near))
}

// nearest is the window of as many lines as the quote has that shares most with it; zero when none shares anything.
func (n *Notes) nearest(quote string) (first, last int) {
	size := 0
	for _, line := range strings.Split(quote, "\n") {
		if strings.TrimSpace(line) != "" {
			size++
		}
	}
	size = min(size, len(n.lines))
	want, best := pairs(visible(quote)), 0.0
	for from := 0; from+size <= len(n.lines); from++ {
		if like := alike(want, pairs(visible(strings.Join(n.lines[from:from+size], " ")))); like > best {
			first, last, best = from+1, from+size, like
		}
	}
	return first, last
}

// pairs counts the pairs of neighbouring characters in a text.
func pairs(text string) map[[2]rune]int {
	count := map[[2]rune]int{}
	letters := []rune(text)
	for i := 1; i < len(letters); i++ {
		count[[2]rune{letters[i-1], letters[i]}]++
	}
	return count
}

// alike is Dice's coefficient: the share of pairs that two texts have in common, from 0 to 1.
func alike(a, b map[[2]rune]int) float64 {
	var common, all int
	for pair, n := range a {
		common += min(n, b[pair])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 0
	}
	return 2 * float64(common) / float64(all)
}

// parting says where the quote leaves the notes when it begins as they do.
func parting(quote, near string) string {
	q := []rune(quote)
	start := 0
	if at := strings.Index(near, string(q[:min(len(q), 4)])); at > 0 {
		start = len([]rune(near[:at]))
	}
	l := []rune(near)[start:]
	same := 0
	for same < len(q) && same < len(l) && q[same] == l[same] {
		same++
	}
	if same < 4 {
		return ""
	}
	return fmt.Sprintf(" (they part after %q)", string(q[max(0, same-20):same]))
}

const byteOrderMark = "\ufeff"

var (
	lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
	// plainQuotes are what word processors put in place of ' and ".
	plainQuotes = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "‛", "'", "“", `"`, "”", `"`, "„", `"`, "‟", `"`)
)

// visible is a text without what a reader cannot see: one space between words, letters composed (Unicode's NFC), no
// format characters such as zero-width spaces and soft hyphens (its category Cf).
func visible(text string) string {
	shown := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	return oneSpaced(plainQuotes.Replace(norm.NFC.String(shown)))
}

func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

func brief(quote string) string {
	letters := []rune(oneSpaced(quote))
	if len(letters) <= 120 {
		return string(letters)
	}
	return string(letters[:80]) + " … " + string(letters[len(letters)-30:])
}

func span(first, last int) string {
	if first == last {
		return fmt.Sprintf("line %d", first)
	}
	return fmt.Sprintf("lines %d to %d", first, last)
}
