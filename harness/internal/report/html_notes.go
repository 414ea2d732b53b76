package report

import (
	"strings"

	"github.com/noteproof/noteproof/harness/internal/untrusted"
	"github.com/noteproof/noteproof/harness/notes"
)

// passage is lines of the notes that belong together, and what is to be said of them.
type passage struct {
	Text    string
	Code    bool // several lines in no human language: a manifest
	Answers []answer
}

// answer is the verdict of one claim, on the newest version that has one.
type answer struct {
	Row   *row
	Cell  *entry
	Flips []*flip // of this claim
	Words notes.Words
}

// annotated is the notes as they stand, each sentence with its answers. A claim whose quote is not in them is listed
// apart, so that nothing is lost.
func annotated(n *notes.Notes, groups []*group, flips []*flip) (passages []passage, lost []answer) {
	var answers []answer
	var quotes []string
	for _, g := range groups {
		for _, r := range g.Rows {
			a := answer{Row: r, Cell: answering(r), Words: n.Language().Words()}
			for _, f := range flips {
				if f.Row == r {
					a.Flips = append(a.Flips, f)
				}
			}
			answers, quotes = append(answers, a), append(quotes, r.Quote)
		}
	}
	parted, notThere := n.Passages(quotes)
	for _, part := range parted {
		p := passage{Text: untrusted.Text(strings.Join(part.Lines, "\n"))}
		p.Code = len(part.Lines) > 2 && notes.LanguageOf(p.Text) != notes.Korean
		for _, i := range part.Quotes {
			p.Answers = append(p.Answers, answers[i])
		}
		if !p.Code {
			p.Text = strings.TrimPrefix(strings.TrimSpace(p.Text), "- ")
		}
		if strings.TrimSpace(p.Text) != "" {
			passages = append(passages, p)
		}
	}
	for _, i := range notThere {
		lost = append(lost, answers[i])
	}
	return passages, lost
}

// answering is the newest cell that settles the claim, else the newest that knows of it.
func answering(r *row) *entry {
	var newest *entry
	for _, c := range r.Cells {
		switch {
		case c.Claim == nil:
		case c.Claim.Settled():
			return c
		case newest == nil:
			newest = c
		}
	}
	return newest
}
