// Package notes reads the notes whose claims are put to the test: it finds each quote, knows which lines nobody
// answers for, and writes the verdicts beside the sentences. It is pure: it takes text and gives text.
package notes

import (
	"fmt"
	"strings"
)

// Notes is a text of notes, line by line.
type Notes struct {
	lines []string
	// flat is all words with one space between them; line holds, for each of its bytes, the number of its line.
	flat string
	line []int
}

// Parse reads the text of notes. Lines are numbered from 1.
func Parse(text string) *Notes {
	n := &Notes{lines: strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")}
	var flat strings.Builder
	for i, line := range n.lines {
		for _, word := range strings.Fields(line) {
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

// Find says on which lines the quote stands, the first and the last. Line breaks and runs of spaces are compared as
// one space. A quote that is not there, or that stands at several places, is an error that names the lines in question.
func (n *Notes) Find(quote string) (first, last int, err error) {
	want := oneSpaced(quote)
	if want == "" {
		return 0, 0, fmt.Errorf("an empty quote stands nowhere in the notes: quote a sentence of them")
	}
	for from := 0; ; {
		at := strings.Index(n.flat[from:], want)
		if at < 0 {
			break
		}
		begin := from + at
		f, l := n.line[begin], n.line[begin+len(want)-1]
		if first != 0 && (f != first || l != last) {
			return 0, 0, fmt.Errorf("the quote %q stands in the notes twice, on %s and on %s: quote more of the one that is meant", brief(quote), span(first, last), span(f, l))
		}
		first, last = f, l
		from = begin + 1
	}
	if first == 0 {
		return 0, 0, n.notThere(quote)
	}
	return first, last, nil
}

// notThere says which lines come nearest to a quote that is not in the notes.
func (n *Notes) notThere(quote string) error {
	f, l := n.nearest(quote)
	if f == 0 {
		return fmt.Errorf("the quote %q is not in the notes, and no line is like it", brief(quote))
	}
	near := oneSpaced(strings.Join(n.lines[f-1:l], " "))
	return fmt.Errorf("the quote %q is not in the notes; nearest comes %s, which reads %q%s: quote it word for word",
		brief(quote), span(f, l), near, parting(oneSpaced(quote), near))
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
	want, best := pairs(oneSpaced(quote)), 0.0
	for from := 0; from+size <= len(n.lines); from++ {
		if like := alike(want, pairs(oneSpaced(strings.Join(n.lines[from:from+size], " ")))); like > best {
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
