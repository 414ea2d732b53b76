package notes_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/notes"
)

func TestPassagesTearNoQuote(t *testing.T) {
	g := NewWithT(t)
	passages, lost := notes.Parse("one\ntwo\nthree\n\nfour\n").Passages([]string{"three", "two three", "five", "four", "tw"})
	g.Expect(lost).To(Equal([]int{2}))
	g.Expect(passages).To(Equal([]notes.Passage{
		{Lines: []string{"one"}},
		{Lines: []string{"two", "three"}, Quotes: []int{4, 0, 1}},
		{Lines: []string{""}},
		{Lines: []string{"four"}, Quotes: []int{3}},
	}))
}
