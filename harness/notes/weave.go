package notes

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// IsMarkdown returns whether the notes are Markdown.
func (n *Notes) IsMarkdown() bool { return n.forms != nil }

// ends are the quotes that end at one line, or in one block into which no text can be inserted.
type ends struct {
	quotes []int // indices
	// apart is set if there may be other words between the quotes and the line.
	apart bool
}

// weave returns the unchanged notes, in Markdown and without the metadata before them, with an inserted paragraph below each
// quote, or below the table, the block or the lines that contain it and into which no text can be inserted. It closes a block of
// code that the notes leave open. lost are the indices of the quotes that are not in the notes.
func (n *Notes) weave(quotes []Quote, paragraph func(ends) string) (woven string, lost []int) {
	after := make([]ends, len(n.lines)+1)
	for i, quote := range quotes {
		first, last, err := n.Find(quote)
		if err != nil {
			lost = append(lost, i)
			continue
		}
		end := last
		for _, f := range n.forms[first-1 : last] {
			end = max(end, f.end)
		}
		here := &after[end]
		here.quotes, here.apart = append(here.quotes, i), here.apart || end > last
	}
	var b strings.Builder
	for i := n.front; i < len(n.lines); i++ {
		b.WriteString(n.lines[i] + "\n")
		indent := strings.Repeat(" ", n.forms[i].indent)
		if fence := n.forms[i].fence; fence != "" {
			b.WriteString(indent + fence + "\n")
		}
		here := after[i+1]
		if len(here.quotes) == 0 {
			continue
		}
		b.WriteString("\n")
		for line := range strings.Lines(paragraph(here)) {
			b.WriteString(indent + line)
		}
		b.WriteString("\n")
	}
	return b.String(), lost
}

// Piece is a part of notes in Markdown, as HTML, and the quotes that end with it. A piece may leave elements open, such as a
// list, which a later piece closes: only all pieces in order are complete HTML.
type Piece struct {
	HTML   string
	Quotes []int // indices of the given quotes
	// Apart is set if there may be other words between the quotes and the end of the piece, as in a table.
	Apart bool
}

// Pieces divides notes below their quotes, and reads them as Markdown, also if they are plain. The pieces contain no HTML from the notes, no images, and no headings
// above the third level. lost are the indices of the quotes that are not in the notes.
func (n *Notes) Pieces(quotes []Quote) (pieces []Piece, lost []int) {
	shown := *n
	shown.lines = nil
	for _, line := range n.lines {
		shown.lines = append(shown.lines, withoutCuts.Replace(line))
	}
	if !n.IsMarkdown() {
		shown.forms, _ = parseForms(shown.lines)
	}
	woven, lost := shown.weave(quotes, func(here ends) string {
		pieces = append(pieces, Piece{Quotes: here.quotes, Apart: here.apart})
		return cutBegin + strconv.Itoa(len(pieces)) + cutEnd + "\n"
	})
	source := []byte(untrusted.Text(woven))
	var page bytes.Buffer
	if err := safeMarkdown().Convert(source, &page); err != nil { // unexpected, since it writes to memory
		page.Reset()
		page.WriteString("<pre>" + string(util.EscapeHTML(source)) + "</pre>")
	}
	pieces = append(pieces, Piece{})
	for i, html := range cut.Split(page.String(), len(pieces)) {
		pieces[i].HTML = html
	}
	return pieces, lost
}

// The mark of the end of a piece: private-use characters, which are removed from the notes.
const cutBegin, cutEnd = "\ue000", "\ue001"

var withoutCuts = strings.NewReplacer(cutBegin, "", cutEnd, "")

var cut = regexp.MustCompile("<p>" + cutBegin + "[0-9]+" + cutEnd + "</p>\n?")

// safeMarkdown returns a renderer for a part of a page that must load nothing.
func safeMarkdown() goldmark.Markdown {
	md := markdown()
	md.Parser().AddOptions(parser.WithASTTransformers(util.Prioritized(lowerHeadings{}, 0)))
	md.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(asText{}, 0)))
	return md
}

type lowerHeadings struct{}

// Transform implements parser.ASTTransformer.
func (lowerHeadings) Transform(document *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			h.Level = min(h.Level+2, 6)
		}
		return ast.WalkContinue, nil
	})
}

type asText struct{}

// RegisterFuncs implements renderer.NodeRenderer. It replaces an image by its alternative text, and a block of HTML by its
// visible text.
func (asText) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindImage, func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) { return ast.WalkContinue, nil })
	r.Register(ast.KindHTMLBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		seen := strings.TrimSpace(htmlText(node.(*ast.HTMLBlock), source))
		if !entering || seen == "" {
			return ast.WalkContinue, nil
		}
		_, err := w.WriteString("<p>" + string(util.EscapeHTML([]byte(seen))) + "</p>\n")
		return ast.WalkContinue, err
	})
}
