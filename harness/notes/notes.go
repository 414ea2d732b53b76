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

// Notes is the text of notes in lines.
type Notes struct {
	lines []string
	// front is how many of the lines are metadata before the notes. They have no visible text.
	front int
	typed words
	// forms are the meanings of the lines in Markdown, and seen is the visible text. Both are empty for plain notes.
	forms []form
	seen  words
}

// words are all words of a text, normalized by visible.
type words struct {
	flat string
	line []int // for each byte of flat the number of its line
}

// Parse parses the text of notes, with any line ends. It removes a byte-order mark. Lines are numbered from 1. A text with a
// heading ("# …"), a fenced block of code, a table, or metadata in YAML before it ("---") is Markdown; any other text is plain lines.
func Parse(text string) *Notes {
	text = lineEnds.Replace(strings.TrimPrefix(text, byteOrderMark))
	n := &Notes{lines: strings.Split(strings.TrimRight(text, "\n"), "\n")}
	n.front = frontMatter(n.lines)
	shown := append(make([]string, n.front), n.lines[n.front:]...)
	n.typed = flatten(shown)
	if forms, isMarkdown := parseForms(shown); isMarkdown || n.front > 0 {
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

// Lines returns the unchanged lines.
func (n *Notes) Lines() []string { return append([]string(nil), n.lines...) }

// Valid returns an error with the first place at which the notes are not valid UTF-8 text.
func (n *Notes) Valid() error {
	for i, line := range n.lines {
		column := 1
		for at, letter := range line {
			if _, size := utf8.DecodeRuneInString(line[at:]); letter == 0 || letter == utf8.RuneError && size == 1 {
				return fmt.Errorf("line %d, column %d of the notes: the byte %#02x is not valid text in UTF-8; save the notes as UTF-8 (they may be UTF-16, CP949 or EUC-KR)",
					i+1, column, line[at])
			}
			column++
		}
	}
	return nil
}

// Quote is words of the notes, and where they are.
type Quote struct {
	Text string
	At   claim.Place
}

// Find returns the first and the last line of the quote. It compares line breaks and runs of spaces as one space, typographic
// quotation marks as plain ones, and composed and decomposed letters as equal, and ignores invisible characters. In Markdown it
// compares the visible text first, and then the source. If the quote occurs as one or more whole lines, occurrences within lines
// are ignored. It returns an error with the lines in question if the quote does not occur, or if it occurs several times and At
// does not choose one.
func (n *Notes) Find(quote Quote) (first, last int, err error) {
	all, err := n.places(quote)
	if err != nil {
		return 0, 0, err
	}
	switch nth := quote.At.Nth; {
	case nth > len(all):
		return 0, 0, fmt.Errorf("the quote %q occurs in the notes %d times%s: there is no occurrence %d", shorten(quote.Text), len(all), underHeading(quote), nth)
	case nth > 0:
		return all[nth-1].first, all[nth-1].last, nil
	case len(all) > 1:
		return 0, 0, fmt.Errorf("the quote %q occurs in the notes %d times%s, on %s and on %s among others: quote more words, or set At to the heading above it or to the number of the occurrence",
			shorten(quote.Text), len(all), underHeading(quote), lineRange(all[0].first, all[0].last), lineRange(all[1].first, all[1].last))
	}
	return all[0].first, all[0].last, nil
}

func underHeading(quote Quote) string {
	if quote.At.Under == "" {
		return ""
	}
	return fmt.Sprintf(" under the heading %q", quote.At.Under)
}

// place is an occurrence of a quote.
type place struct {
	first, last int  // its lines
	whole       bool // whether it is all words of these lines
}

// places returns all occurrences of a quote: those that are whole lines, or if there are none, those within lines. It returns an
// error if there are none at all.
func (n *Notes) places(quote Quote) ([]place, error) {
	want := visible(quote.Text)
	if want == "" {
		return nil, errors.New("an empty quote cannot be found: quote a sentence of the notes")
	}
	all := n.seen.places(want)
	if len(all) == 0 {
		all = n.typed.places(want)
	}
	if len(all) == 0 {
		return nil, n.notFoundError(quote.Text)
	}
	if under := visible(quote.At.Under); under != "" {
		elsewhere := all[0].first
		all = slices.DeleteFunc(all, func(p place) bool { return n.heading(p.first) != under })
		if len(all) == 0 {
			return nil, fmt.Errorf("the quote %q is not under the heading %q; it is on line %d, under %q",
				shorten(quote.Text), quote.At.Under, elsewhere, n.heading(elsewhere))
		}
	}
	if slices.ContainsFunc(all, func(p place) bool { return p.whole }) {
		all = slices.DeleteFunc(all, func(p place) bool { return !p.whole })
	}
	return all, nil
}

// heading returns the heading above a line of Markdown; empty if there is none.
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

// places returns all occurrences of these words.
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

// beginsLine returns whether the word at this byte of flat is the first one of its line. The space before it belongs to its line.
func (w words) beginsLine(at int) bool {
	return at == 0 || at >= 2 && w.flat[at-1] == ' ' && w.line[at-2] != w.line[at]
}

// notFoundError returns the error for a quote that is not in the notes, with the most similar lines.
func (n *Notes) notFoundError(quote string) error {
	f, l := n.nearest(quote)
	if f == 0 {
		return fmt.Errorf("the quote %q is not in the notes, and no line is similar", shorten(quote))
	}
	near := n.visibleLines(f-1, l)
	return fmt.Errorf("the quote %q is not in the notes; the nearest is %s, which reads %q%s: quote it word for word",
		shorten(quote), lineRange(f, l), near, divergence(visible(quote), near))
}

// nearest returns the lines, as many as the quote has, that are most similar to it; zero if none is similar.
func (n *Notes) nearest(quote string) (first, last int) {
	size := 0
	for _, line := range strings.Split(quote, "\n") {
		if strings.TrimSpace(line) != "" {
			size++
		}
	}
	size = min(size, len(n.lines))
	want, best := bigrams(visible(quote)), 0.0
	for from := 0; from+size <= len(n.lines); from++ {
		if like := similarity(want, bigrams(n.visibleLines(from, from+size))); like > best {
			first, last, best = from+1, from+size, like
		}
	}
	return first, last
}

// visibleLines returns the lines from, counted from 0, to before until as a reader sees them: of Markdown without its marks.
func (n *Notes) visibleLines(from, until int) string {
	lines := slices.Clone(n.lines[from:until])
	for i := range lines {
		if n.forms != nil && n.forms[from+i].kind != "" {
			lines[i] = n.forms[from+i].text
		}
	}
	return visible(strings.Join(lines, " "))
}

// bigrams counts the pairs of adjacent characters in a text.
func bigrams(text string) map[[2]rune]int {
	count := map[[2]rune]int{}
	letters := []rune(text)
	for i := 1; i < len(letters); i++ {
		count[[2]rune{letters[i-1], letters[i]}]++
	}
	return count
}

// similarity returns the Dice coefficient: the share of bigrams that two texts have in common, from 0 to 1.
func similarity(a, b map[[2]rune]int) float64 {
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

// divergence returns where the quote differs from the notes, if they begin with the same characters.
func divergence(quote, near string) string {
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
	return fmt.Sprintf(" (they differ after %q)", string(q[max(0, same-20):same]))
}

const byteOrderMark = "\ufeff"

var (
	lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
	// plainQuotes replaces the quotation marks of word processors.
	plainQuotes = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "‛", "'", "“", `"`, "”", `"`, "„", `"`, "‟", `"`)
)

// visible normalizes a text: one space between words, composed letters (Unicode NFC), plain quotation marks, and no invisible
// characters.
func visible(text string) string {
	shown := strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, text)
	return oneSpaced(plainQuotes.Replace(norm.NFC.String(shown)))
}

// invisible returns whether a character is not shown: a format character such as a zero-width space or a soft hyphen (category
// Cf), the choice of a variant of the one before it, such as an emoji's, or another that is ignored by default, such as the Hangul
// filler.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

func shorten(quote string) string {
	letters := []rune(oneSpaced(quote))
	if len(letters) <= 120 {
		return string(letters)
	}
	return string(letters[:80]) + " … " + string(letters[len(letters)-30:])
}

func lineRange(first, last int) string {
	if first == last {
		return fmt.Sprintf("line %d", first)
	}
	return fmt.Sprintf("lines %d to %d", first, last)
}
