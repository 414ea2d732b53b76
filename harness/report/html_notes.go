package report

import (
	"strings"

	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/untrusted"
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
	Flips []*flip // of this claim between versions
	Words notes.Words
}

// annotated is the notes as they stand, each sentence with its answers. A claim whose quote is not in them is told
// apart, so that nothing is lost.
func annotated(n *notes.Notes, groups []*group, flips []*flip) (passages []passage, lost []answer) {
	lines := n.Lines()
	after := make([][]answer, len(lines)+1)
	joined := make([]bool, len(lines)+2) // joined[i]: line i belongs with line i-1
	for _, g := range groups {
		for _, r := range g.Rows {
			a := answer{Row: r, Cell: answering(r), Words: n.Language().Words()}
			for _, f := range flips {
				if f.Row == r {
					a.Flips = append(a.Flips, f)
				}
			}
			first, last, err := n.Find(r.Quote)
			if err != nil {
				lost = append(lost, a)
				continue
			}
			for i := first + 1; i <= last; i++ {
				joined[i] = true
			}
			after[last] = append(after[last], a)
		}
	}
	for i := 0; i < len(lines); {
		end := i + 1
		for end < len(lines) && joined[end+1] {
			end++
		}
		p := passage{Text: untrusted.Text(strings.Join(lines[i:end], "\n"))}
		p.Code = end-i > 2 && lang(p.Text) != "ko"
		for line := i + 1; line <= end; line++ {
			p.Answers = append(p.Answers, after[line]...)
		}
		if !p.Code {
			p.Text = strings.TrimPrefix(strings.TrimSpace(p.Text), "- ")
		}
		if strings.TrimSpace(p.Text) != "" {
			passages = append(passages, p)
		}
		i = end
	}
	return passages, lost
}

// answering is the newest cell that settles the claim, else the newest that knows of it.
func answering(r *row) *entry {
	var newest *entry
	for _, c := range r.Cells {
		switch {
		case c.Claim == nil:
		case settled(c.Claim):
			return c
		case newest == nil:
			newest = c
		}
	}
	return newest
}
