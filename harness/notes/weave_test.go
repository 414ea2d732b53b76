package notes_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/notes"
)

var paragraphTag = regexp.MustCompile(`</?p>`)

// textOf returns pieces as HTML, without spaces and without paragraphs, which a list has only if there are blank lines in it.
func textOf(pieces []notes.Piece) string {
	var html strings.Builder
	for _, p := range pieces {
		html.WriteString(p.HTML)
	}
	return strings.Join(strings.Fields(paragraphTag.ReplaceAllString(html.String(), " ")), "")
}

// TestPiecesReadLikeTheWhole quotes every line of some Markdown, among it the documents of this repository, all at once and each
// on its own.
func TestPiecesReadLikeTheWhole(t *testing.T) {
	texts := map[string]string{
		"studied":             studied,
		"tabs in a list":      "# a\n\n * one\n\n\t```\n\tcode\n\tmore\n\t```\n\n * two\n",
		"a head without bars": "10) b1\n    ee ff\n--|--\nb3 | b4\n\n&amp; b2\n    gg hh\n|---|---|\n| 1 | 2 |\n",
		"an empty row":        "a | b\n--|--\n1 | 2\n  |\n\nend\n",
	}
	for _, pattern := range []string{"../../*.md", "../../.github/*.md", "../../docs/*/*.md", "../../docs/example/scenarios/*.md", "../../scenarios/*.md"} {
		paths, err := filepath.Glob(pattern)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		for _, path := range paths {
			text, err := os.ReadFile(path)
			NewWithT(t).Expect(err).NotTo(HaveOccurred())
			texts[path] = string(text)
		}
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			n := notes.Parse(text)
			account, err := n.Account(nil, nil)
			g.Expect(err).NotTo(HaveOccurred())
			whole, _ := n.Pieces(nil)
			want := textOf(whole)
			var quotes []notes.Quote
			for _, line := range account {
				quote := notes.Quote{Text: line.Text}
				if _, _, err := n.Find(quote); err != nil { // it occurs several times, or its HTML is not visible
					continue
				}
				quotes = append(quotes, quote)
				if len(quotes)%10 == 1 {
					pieces, _ := n.Pieces([]notes.Quote{quote})
					g.Expect(textOf(pieces)).To(Equal(want), line.Text)
				}
			}
			g.Expect(quotes).NotTo(BeEmpty())
			pieces, lost := n.Pieces(quotes)
			g.Expect(lost).To(BeEmpty())
			g.Expect(textOf(pieces)).To(Equal(want))
		})
	}
}
