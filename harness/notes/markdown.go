package notes

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Kind is what a line of Markdown is. Lines of notes that are not Markdown have none.
type Kind string

// The kinds of lines. A line that a reader sees nothing of, such as a fence or a rule, has none of them.
const (
	Prose   Kind = "prose"   // of a paragraph or an item of a list
	Heading Kind = "heading" // of any level
	Code    Kind = "code"    // of a block of code
	Table   Kind = "table"   // a row
	HTML    Kind = "HTML"    // of a block of HTML
)

// form is what Markdown makes of a line.
type form struct {
	kind Kind
	// text is what a reader sees of it: no marks of emphasis or lists, no targets of links, no tags.
	text string
	// end is the last line of the block that the line belongs to and that nothing can be written into: of a table, a block of
	// code, a quotation. A line of prose is its own end.
	end int
	// indent is by how many columns that stands in which is to belong to the same item of a list.
	indent int
	// under is the heading that it stands below, as a reader sees it.
	under string
}

// says is whether a reader sees anything of a line.
func (n *Notes) says(line int) bool {
	if n.forms != nil {
		return n.forms[line-1].kind != ""
	}
	return strings.TrimSpace(n.lines[line-1]) != ""
}

// ofKind are the lines of a kind, one at least.
func (n *Notes) ofKind(kind Kind) ([]int, error) {
	if n.forms == nil {
		return nil, fmt.Errorf("these notes are not Markdown, so no line is known to be %s", kind)
	}
	var lines []int
	for i, f := range n.forms {
		if f.kind == kind {
			lines = append(lines, i+1)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("no line of the notes is %s", kind)
	}
	return lines, nil
}

// markdown reads GitHub's Markdown, whose tables and checklists notes use.
func markdown() goldmark.Markdown { return goldmark.New(goldmark.WithExtensions(extension.GFM)) }

// formed says what Markdown makes of each line, from 0. Is says whether the text looks like Markdown at all: whether it has
// a heading, a fenced block of code or a table. A list alone is how people write plain notes, too.
func formed(lines []string) (forms []form, is bool) {
	reader := &formReader{source: []byte(strings.Join(lines, "\n")), forms: make([]form, len(lines))}
	for i, line := range lines {
		reader.starts = append(reader.starts, reader.length)
		reader.length += len(line) + 1
		reader.forms[i].end = i + 1
	}
	reader.block(markdown().Parser().Parse(text.NewReader(reader.source)), 0)
	return reader.forms, reader.is
}

// formReader walks through the blocks of a text.
type formReader struct {
	source []byte
	starts []int // of each line
	length int
	forms  []form
	under  string
	is     bool
}

// line is the line, from 0, that holds this byte.
func (r *formReader) line(at int) int {
	line, begins := slices.BinarySearch(r.starts, at)
	if !begins {
		line--
	}
	return line
}

// block takes the blocks of a node into account, which stand in this many columns.
func (r *formReader) block(node ast.Node, indent int) {
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		switch child := child.(type) {
		case *ast.Heading:
			r.prose(child, Heading, indent)
			r.under = r.said(child)
			if first, last := r.extent(child); r.underlined(child) {
				r.keep(first, last+1, indent)
			} else {
				r.is = true
			}
		case *ast.FencedCodeBlock:
			r.is = true
			r.verbatim(child, Code, indent)
		case *ast.CodeBlock:
			r.verbatim(child, Code, indent)
		case *ast.HTMLBlock:
			r.verbatim(child, HTML, indent)
		case *extensionast.Table:
			r.is = true
			r.prose(child, Table, indent)
			if first, last := r.extent(child); first >= 0 {
				r.keep(first, max(last, first+1), indent) // the rule below its head is no row
			}
		case *ast.Blockquote:
			r.block(child, indent)
			first, last := r.extent(child)
			r.keep(first, last, indent)
		case *ast.ListItem:
			r.block(child, indent+child.Offset)
		case *ast.List:
			r.block(child, indent)
		default:
			r.prose(child, Prose, indent)
		}
	}
}

// underlined says whether a heading is made by a line of = or - below it, as people draw in plain text.
func (r *formReader) underlined(heading *ast.Heading) bool {
	if heading.Lines().Len() == 0 {
		return false // an empty one, "##"
	}
	at := heading.Lines().At(0).Start
	return !bytes.Contains(r.source[r.starts[r.line(at)]:at], []byte("#"))
}

// prose takes down what a reader sees of the lines of a node and of all below it.
func (r *formReader) prose(node ast.Node, kind Kind, indent int) {
	each(node, func(n *ast.Text) {
		seen := n.Segment.Value(r.source)
		if n.Parent().Kind() != ast.KindCodeSpan {
			seen = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(seen)))
		}
		f := &r.forms[r.line(n.Segment.Start)]
		f.kind, f.indent, f.under = kind, indent, r.under
		if n.PreviousSibling() == nil && n.Parent().Type() == ast.TypeBlock {
			f.text += " " // the next cell of a row
		}
		f.text += string(seen)
	})
}

// each calls do for each text below a node.
func each(node ast.Node, do func(*ast.Text)) {
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, is := n.(*ast.Text); is && entering {
			do(t)
		}
		return ast.WalkContinue, nil
	})
}

var tag = regexp.MustCompile(`<[^>]*>`)

// verbatim takes down the lines of a block that stand in it as they are, and keeps it together with the fence that ends it.
func (r *formReader) verbatim(node ast.Node, kind Kind, indent int) {
	for i := range node.Lines().Len() {
		segment := node.Lines().At(i)
		said := string(segment.Value(r.source))
		if kind == HTML {
			said = tag.ReplaceAllString(said, "")
		}
		if strings.TrimSpace(said) != "" {
			f := &r.forms[r.line(segment.Start)]
			f.kind, f.text, f.indent, f.under = kind, said, indent, r.under
		}
	}
	first, last := r.extent(node)
	if _, fenced := node.(*ast.FencedCodeBlock); fenced {
		last++
	}
	r.keep(first, last, indent)
}

// extent is the first and the last line, from 0, that something of a node stands on; from -1 to -2 without any.
func (r *formReader) extent(node ast.Node) (first, last int) {
	first, last = -1, -2
	add := func(at int) {
		line := r.line(at)
		if first < 0 {
			first = line
		}
		last = max(last, line, r.forms[line].end-1)
	}
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, is := n.(*ast.Text); is {
			add(t.Segment.Start)
		} else if entering && n.Type() == ast.TypeBlock {
			for i := range n.Lines().Len() {
				add(n.Lines().At(i).Start)
			}
		}
		return ast.WalkContinue, nil
	})
	return first, last
}

// keep says that nothing can be written between two lines.
func (r *formReader) keep(first, last, indent int) {
	last = min(last, len(r.forms)-1)
	for i := max(first, 0); i <= last; i++ {
		r.forms[i].end, r.forms[i].indent = last+1, indent
	}
}

// said is what a reader sees of a node.
func (r *formReader) said(node ast.Node) string {
	var said strings.Builder
	each(node, func(t *ast.Text) { said.Write(t.Segment.Value(r.source)) })
	return visible(said.String())
}
