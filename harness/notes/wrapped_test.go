package notes_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

const answered = "\n> - ✅ **holds** `a.claim`"

// TestAnswersWithinAParagraph has a paragraph of two lines or more in each row, with the quote "first words" in its first line.
func TestAnswersWithinAParagraph(t *testing.T) {
	for name, c := range map[string]struct {
		paragraph string
		below     int // the line of the paragraph, from 1, below which the answer is
	}{
		"plain words":            {"The first words are\nof one line.", 1},
		"emphasis":               {"The first words *are\nof two* lines.", 2},
		"emphasis, then more":    {"The first words *are\nof two* lines,\nand more.", 2},
		"a link":                 {"The first words [are\na link](https://kubernetes.io).", 2},
		"a link by reference":    {"The first words are [a link][r]\nof one line.", 1},
		"a span of code":         {"The first words `are\ncode`.", 2},
		"struck through":         {"The first words ~~are\ngone~~.", 2},
		"a hard break":           {"The first words  \nare apart.", 1},
		"a break by a backslash": {"The first words\\\nare apart.", 2},
		"a year":                 {"The first words are of\n2023. That was then.", 2},
		"a number in brackets":   {"The first words are\n2) another.", 2},
		"a deep line":            {"The first words are\n    indented.", 2},
		"a target of a link":     {"The first words are\n[r2]: none", 2},
		"a tag":                  {"The first words are\n<br> apart.", 1},
		"a tag on its own":       {"The first words are\n<span>\napart.", 3},
		"a tag over two lines":   {"The first words <b>are\nbold</b> here,\nand more.", 2},
		"an item":                {"- The first words are\n  of one line.", 1},
		"a lazy item":            {"- The first words are\nof one item.", 2},
		"an item of a number":    {"10. The first words are\n    of one line.", 1},
		"a deep line of an item": {"- The first words are\n      indented.", 2},
		"a quotation":            {"> The first words are\n> of one line.", 2},
		"an item in a quotation": {"> - The first words are\n>   of one line.", 2},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			text := "# A heading\n\n" + c.paragraph + "\n\nAn end.\n\n[r]: https://kubernetes.io\n"
			record := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{{ID: "a.claim", Quote: "first words", Verdict: claim.Holds}}}
			got := notes.Annotate(notes.Parse(text), record)
			before, after, found := strings.Cut(got, "> - ✅ **holds** `a.claim`")
			g.Expect(found).To(BeTrue(), got)
			lines := strings.Split(c.paragraph, "\n")
			g.Expect(strings.TrimRight(before, " \n")).To(HaveSuffix(strings.TrimRight(lines[c.below-1], " ")), got)
			if c.below < len(lines) {
				g.Expect(after).To(ContainSubstring("\n" + lines[c.below] + "\n"))
			}
			g.Expect(strings.HasPrefix(after, " “first words”")).To(Equal(c.below > 1), "an answer that is apart names its quote")
		})
	}
}

func TestALongParagraphIsAnsweredBelow(t *testing.T) {
	g := NewWithT(t)
	text := "# A heading\n\nThe first words\n" + strings.Repeat("and so on\n", 300)
	record := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{{ID: "a.claim", Quote: "first words", Verdict: claim.Holds}}}
	g.Expect(notes.Annotate(notes.Parse(text), record)).To(HaveSuffix("and so on\n" + answered + " “first words”\n\n"))
}
