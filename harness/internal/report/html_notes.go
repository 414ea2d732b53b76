package report

import (
	"html/template"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/untrusted"
	"github.com/noteproof/noteproof/harness/notes"
)

// passage is a group of lines of the notes with the answers to them.
type passage struct {
	// HTML replaces Text if the notes are Markdown.
	HTML    template.HTML
	Text    string
	Code    bool // several lines that are not a human language, such as a manifest
	Answers []answer
}

// answer is the verdict of one claim, on the newest version that has one.
type answer struct {
	Row   *row
	Cell  *entry
	Flips []*flip // of this claim
	About string  // the quote, if it is not directly above the answer
}

// annotated returns the notes, each sentence with its answers, and the answers of claims whose quote is not in the notes.
func annotated(n *notes.Notes, groups []*group, flips []*flip) (passages []passage, lost []answer) {
	var answers []answer
	var quotes []notes.Quote
	for _, g := range groups {
		for _, r := range g.Rows {
			a := answer{Row: r, Cell: answering(r)}
			for _, f := range flips {
				if f.Row == r {
					a.Flips = append(a.Flips, f)
				}
			}
			answers, quotes = append(answers, a), append(quotes, notes.Quote{Text: r.Quote, At: r.At})
		}
	}
	var notFound []int
	if n.IsMarkdown() {
		passages, notFound = markdownPassages(n, quotes, answers)
	} else {
		passages, notFound = plainPassages(n, quotes, answers)
	}
	for _, i := range notFound {
		lost = append(lost, answers[i])
	}
	return passages, lost
}

// markdownPassages returns the pieces of notes in Markdown with their answers, and the indices of the quotes that are not there.
func markdownPassages(n *notes.Notes, quotes []notes.Quote, answers []answer) (passages []passage, lost []int) {
	pieces, lost := n.Pieces(quotes)
	for _, piece := range pieces {
		p := passage{HTML: template.HTML(piece.HTML)}
		for _, i := range piece.Quotes {
			a := answers[i]
			if piece.Apart {
				a.About = a.Row.Quote
			}
			p.Answers = append(p.Answers, a)
		}
		if p.HTML != "" || len(p.Answers) > 0 {
			passages = append(passages, p)
		}
	}
	return passages, lost
}

// plainPassages is markdownPassages of notes that are plain lines.
func plainPassages(n *notes.Notes, quotes []notes.Quote, answers []answer) (passages []passage, lost []int) {
	parts, lost := n.Passages(quotes)
	for _, part := range parts {
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
	return passages, lost
}

// answering returns the newest cell that settles the claim, or else the newest that contains it.
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
