package notes

import (
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// paragraph is a paragraph of several lines. It is a block of its own or in an item of a list.
type paragraph struct {
	first  int      // its first line, from 0
	lines  []string // without the mark and the indentation of the item
	lazy   []bool   // for each line whether it is indented less than its item, and so belongs to it only while nothing precedes it
	indent int
}

// longestWrapped is the most lines of a paragraph into which text is inserted. Below a longer one it is inserted below all of it.
const longestWrapped = 200

// paragraph keeps a paragraph of several lines for keepWrapped.
func (r *formReader) paragraph(node ast.Node, indent int) {
	first, last := r.extent(node)
	if last <= first || node.Lines().Len() == 0 {
		return
	}
	p := paragraph{first: first, indent: indent}
	for i := first; i <= last; i++ {
		line, width := r.text(i), 0
		if i == first {
			at := node.Lines().At(0)
			line = strings.TrimRight(string(at.Value(r.source)), "\n")
			width = indent
		}
		for width < indent && line != "" && (line[0] == ' ' || line[0] == '\t') {
			width++
			if line[0] == '\t' {
				width += 3 - (width-1)%4
			}
			line = line[1:]
		}
		p.lines, p.lazy = append(p.lines, line), append(p.lazy, width < indent)
	}
	r.paragraphs = append(r.paragraphs, p)
}

// keepWrapped records between which lines of a paragraph no text can be inserted, because one of the two parts would read
// otherwise on its own: where emphasis, a link or a span of code goes on, or where the rest would be an item of a list, a block
// of code or the target of a link.
func (r *formReader) keepWrapped(p paragraph) {
	last := p.first + len(p.lines) - 1
	if r.forms[p.first].end != p.first+1 {
		return // it is part of a quotation, into which no text can be inserted
	}
	end := last
	for i := last - 1; i >= p.first; i-- {
		next := i + 1 - p.first
		if len(p.lines) <= longestWrapped && !p.lazy[next] && r.readsAlike(p.first, p.lines[:next]) && r.readsAlike(i+1, p.lines[next:]) {
			end = i
		}
		r.forms[i].end, r.forms[i].indent = end+1, p.indent
	}
}

// readsAlike reports whether lines on their own are one paragraph with the same visible text as in the notes.
func (r *formReader) readsAlike(first int, lines []string) bool {
	alone := newFormReader(lines)
	context := parser.NewContext()
	for _, reference := range r.references {
		context.AddReference(reference)
	}
	document := markdown().Parser().Parse(text.NewReader(alone.source), parser.WithContext(context))
	if document.ChildCount() != 1 || document.FirstChild().Kind() != ast.KindParagraph {
		return false
	}
	if !balanced(document, alone.source) {
		return false
	}
	alone.block(document, 0)
	for i, f := range alone.forms {
		if visible(f.text) != visible(r.forms[first+i].text) {
			return false
		}
	}
	return true
}

// tagName matches an opening or a closing tag of HTML.
var tagName = regexp.MustCompile(`^<(/?)([A-Za-z][A-Za-z0-9-]*)`)

// voidTags are those that have no closing tag.
var voidTags = []string{"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// balanced returns whether every tag within the text below a node is closed there.
func balanced(node ast.Node, source []byte) bool {
	open := map[string]int{}
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		html, ok := n.(*ast.RawHTML)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		text := string(html.Segments.Value(source))
		tag := tagName.FindStringSubmatch(text)
		switch {
		case tag == nil, strings.HasSuffix(text, "/>"), slices.Contains(voidTags, strings.ToLower(tag[2])):
		case tag[1] == "/":
			open[strings.ToLower(tag[2])]--
		default:
			open[strings.ToLower(tag[2])]++
		}
		return ast.WalkContinue, nil
	})
	for _, n := range open {
		if n != 0 {
			return false
		}
	}
	return true
}
