package notes_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/notes"
)

func TestPassagesSplitNoQuote(t *testing.T) {
	g := NewWithT(t)
	passages, lost := notes.Parse("one\ntwo\nthree\n\nfour\n").Passages([]notes.Quote{{Text: "three"}, {Text: "two three"}, {Text: "five"}, {Text: "four"}, {Text: "tw"}})
	g.Expect(lost).To(Equal([]int{2}))
	g.Expect(passages).To(Equal([]notes.Passage{
		{Lines: []string{"one"}},
		{Lines: []string{"two", "three"}, Quotes: []int{4, 0, 1}},
		{Lines: []string{""}},
		{Lines: []string{"four"}, Quotes: []int{3}},
	}))
}
