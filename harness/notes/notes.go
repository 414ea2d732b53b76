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

	"github.com/noteproof/noteproof/harness/claim"
)

// Notes is a text of notes, line by line.
type Notes struct {
	lines []string
	typed words
	// forms says what Markdown makes of each line, and seen holds the words that a reader sees. Both are empty for plain lines.
	forms []form
	seen  words
}

// words are all words of a text, as visible leaves them.
type words struct {
	flat string
	line []int // for each byte of flat the number of its line
}

// Parse reads the text of notes, whatever its line ends; a byte-order mark is dropped. Lines are numbered from 1. A text with
// a heading ("# …"), a fenced block of code or a table is read as Markdown, any other as plain lines.
func Parse(text string) *Notes {
	text = lineEnds.Replace(strings.TrimPrefix(text, byteOrderMark))
	n := &Notes{lines: strings.Split(strings.TrimRight(text, "\n"), "\n")}
	n.typed = flatten(n.lines)
	if forms, is := formed(n.lines); is {
		seen := make([]string, len(forms))
		for i, f := range forms {
			seen[i] = f.text
		}
		n.forms, n.seen = forms, flatten(seen)
	}
	return n
}

func flatten(lines []string) words {
	var w words
	var flat strings.Builder
	for i, line := range lines {
		for _, word := range strings.Fields(visible(line)) {
			if flat.Len() > 0 {
				word = " " + word
			}
			flat.WriteString(word)
			for range len(word) {
				w.line = append(w.line, i+1)
			}
		}
	}
	w.flat = flat.String()
	return w
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

// Quote is words of the notes, and where they stand.
type Quote struct {
	Text string
	At   claim.Place
}

// Find says on which lines the quote stands, the first and the last. Line breaks and runs of spaces are compared as one
// space, typographic quotation marks as plain ones, composed and decomposed letters alike, and invisible characters not at all.
// In Markdown the words are compared as a reader sees them, else as they were typed. Where the quote is a whole line, or
// several, it is not looked for within others. A quote that is not there, or that stands at several places and does not name
// one, is an error that names the lines in question.
func (n *Notes) Find(quote Quote) (first, last int, err error) {
	all, err := n.places(quote)
	if err != nil {
		return 0, 0, err
	}
	switch nth := quote.At.Nth; {
	case nth > len(all):
		return 0, 0, fmt.Errorf("the quote %q stands in the notes %d times%s: there is no occurrence %d", brief(quote.Text), len(all), below(quote), nth)
	case nth > 0:
		return all[nth-1].first, all[nth-1].last, nil
	case len(all) > 1:
		return 0, 0, fmt.Errorf("the quote %q stands in the notes %d times%s, on %s and on %s among others: quote more of the one that is meant, or name the heading above it or which one it is",
			brief(quote.Text), len(all), below(quote), span(all[0].first, all[0].last), span(all[1].first, all[1].last))
	}
	return all[0].first, all[0].last, nil
}

func below(quote Quote) string {
	if quote.At.Under == "" {
		return ""
	}
	return fmt.Sprintf(" under the heading %q", quote.At.Under)
}

// place is where a quote stands.
type place struct {
	first, last int  // its lines
	whole       bool // it is all that these lines say
}

// places are all places of a quote, one at least: those where it is whole lines if there are any, else those within lines.
func (n *Notes) places(quote Quote) ([]place, error) {
	want := visible(quote.Text)
	if want == "" {
		return nil, errors.New("an empty quote stands nowhere in the notes: quote a sentence of them")
	}
	all := n.seen.places(want)
	if len(all) == 0 {
		all = n.typed.places(want)
	}
	if len(all) == 0 {
		return nil, n.notThere(quote.Text)
	}
	if under := visible(quote.At.Under); under != "" {
		elsewhere := all[0].first
		all = slices.DeleteFunc(all, func(p place) bool { return n.heading(p.first) != under })
		if len(all) == 0 {
			return nil, fmt.Errorf("the quote %q does not stand under the heading %q; it stands on line %d, under %q",
				brief(quote.Text), quote.At.Under, elsewhere, n.heading(elsewhere))
		}
	}
	if slices.ContainsFunc(all, func(p place) bool { return p.whole }) {
		all = slices.DeleteFunc(all, func(p place) bool { return !p.whole })
	}
	return all, nil
}

// heading is the heading that a line of Markdown stands under; empty when there is none above it.
func (n *Notes) heading(line int) string {
	for i := line; i > 0 && n.forms != nil; i-- {
		if under := n.forms[i-1].under; under != "" {
			return under
		}
		if i < line && n.forms[i-1].kind == Heading {
			return visible(n.forms[i-1].text)
		}
	}
	return ""
}

// places are all places of these words.
func (w words) places(want string) []place {
	var all []place
	for from := 0; ; {
		at := strings.Index(w.flat[from:], want)
		if at < 0 {
			return all
		}
		begin, end := from+at, from+at+len(want)
		found := place{w.line[begin], w.line[end-1], w.beginsLine(begin) && (end == len(w.flat) || w.line[end] != w.line[end-1])}
		if len(all) == 0 || all[len(all)-1] != found {
			all = append(all, found)
		}
		from = begin + 1
	}
}

// beginsLine says whether the word at this byte of flat is the first one of its line. The space before it is of its line.
func (w words) beginsLine(at int) bool {
	return at == 0 || at >= 2 && w.flat[at-1] == ' ' && w.line[at-2] != w.line[at]
}

// notThere is the error of a quote that is not in the notes, with the lines most like it.
func (n *Notes) notThere(quote string) error {
	f, l := n.nearest(quote)
	if f == 0 {
		return fmt.Errorf("the quote %q is not in the notes, and no line is like it", brief(quote))
	}
	near := visible(strings.Join(n.lines[f-1:l], " "))
	return fmt.Errorf("the quote %q is not in the notes; the nearest is %s, which reads %q%s: quote it word for word",
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
