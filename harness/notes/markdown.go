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
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Kind is the kind of a line of Markdown. Lines of plain notes have none.
type Kind string

// The kinds of lines. A line that is not visible to a reader, such as a fence or a rule, has none.
const (
	Prose   Kind = "prose"   // of a paragraph or an item of a list
	Heading Kind = "heading" // of any level
	Code    Kind = "code"    // of a block of code
	Table   Kind = "table"   // a row
	HTML    Kind = "HTML"    // of a block of HTML
)

// form is the meaning of a line in Markdown.
type form struct {
	kind Kind
	// text is its visible text, without marks of emphasis or lists, targets of links, and tags.
	text string
	// end is the last line of the table, block of code or quotation that the line belongs to, into which no text can be
	// inserted. For a line of prose it is the line itself.
	end int
	// indent is the indentation, in columns, of inserted text that belongs to the same item of a list.
	indent int
	// under is the visible text of the heading above it.
	under string
	// fence closes the block of code that ends with this line, if the notes do not: text after it would be code otherwise.
	fence string
}

// hasText returns whether a line has visible text.
func (n *Notes) hasText(line int) bool {
	if n.forms != nil {
		return n.forms[line-1].kind != ""
	}
	return strings.TrimSpace(n.lines[line-1]) != ""
}

// linesOfKind returns the numbers of the lines of a kind. It returns an error if there is none.
func (n *Notes) linesOfKind(kind Kind) ([]int, error) {
	if n.forms == nil {
		return nil, fmt.Errorf("the notes are not Markdown, so they have no lines of the kind %s", kind)
	}
	var lines []int
	for i, f := range n.forms {
		if f.kind == kind {
			lines = append(lines, i+1)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("the notes have no lines of the kind %s", kind)
	}
	return lines, nil
}

// markdown returns a parser for GitHub Flavored Markdown, with tables and checklists.
func markdown() goldmark.Markdown { return goldmark.New(goldmark.WithExtensions(extension.GFM)) }

// parseForms returns the meaning of each line in Markdown, and whether the text is Markdown: whether it has a heading, a fenced
// block of code or a table. Lists do not count, because plain notes also use them.
func parseForms(lines []string) (forms []form, isMarkdown bool) {
	reader := newFormReader(lines)
	context := parser.NewContext()
	reader.block(markdown().Parser().Parse(text.NewReader(reader.source), parser.WithContext(context)), 0)
	reader.references = context.References()
	if reader.isMarkdown {
		for _, p := range reader.paragraphs {
			reader.keepWrapped(p)
		}
	}
	return reader.forms, reader.isMarkdown
}

// frontMatter returns how many lines at the beginning are metadata in YAML, as generators of sites read them; 0 if there are none.
func frontMatter(lines []string) int {
	if strings.TrimRight(lines[0], " ") != "---" {
		return 0
	}
	begun := false
	for i, line := range lines[1:] {
		switch line = strings.TrimRight(line, " "); {
		case begun && (line == "---" || line == "..."):
			return i + 2
		case begun, line == "", strings.HasPrefix(line, "#"):
		case !yamlKey.MatchString(line):
			return 0
		default:
			begun = true
		}
	}
	return 0
}

var yamlKey = regexp.MustCompile(`^("[^"]+"|'[^']+'|[\w-]+):( |$)`)

// formReader reads the blocks of a text.
type formReader struct {
	source     []byte
	starts     []int // of each line
	length     int
	forms      []form
	under      string
	isMarkdown bool
	paragraphs []paragraph
	references []parser.Reference // the targets of links
}

func newFormReader(lines []string) *formReader {
	r := &formReader{source: []byte(strings.Join(lines, "\n")), forms: make([]form, len(lines))}
	for i, line := range lines {
		r.starts = append(r.starts, r.length)
		r.length += len(line) + 1
		r.forms[i].end = i + 1
	}
	return r
}

// line returns the line, from 0, that contains this byte.
func (r *formReader) line(at int) int {
	line, begins := slices.BinarySearch(r.starts, at)
	if !begins {
		line--
	}
	return line
}

// block reads the blocks below a node, whose text is indented by this number of columns.
func (r *formReader) block(node ast.Node, indent int) {
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		switch child := child.(type) {
		case *ast.Heading:
			r.prose(child, Heading, indent)
			first, last := r.extent(child)
			r.under = r.visible(first, last)
			if r.underlined(child) {
				r.keepTogether(first, last+1, indent)
			} else {
				r.isMarkdown = true
			}
		case *ast.FencedCodeBlock:
			r.isMarkdown = true
			r.verbatim(child, indent)
			r.fenced(child, indent)
		case *ast.CodeBlock:
			r.verbatim(child, indent)
			r.keepWhole(child, indent)
		case *ast.HTMLBlock:
			r.html(child, indent)
		case *extensionast.Table:
			r.isMarkdown = true
			r.prose(child, Table, indent)
			if first, last := r.extent(child); first >= 0 {
				first = r.headOf(first, child.PreviousSibling(), indent)
				last = max(last, first+1) // the rule below its head is not a row
				for emptyRow.MatchString(r.text(last + 1)) {
					last++
				}
				r.keepTogether(first, last, indent)
			}
		case *ast.Blockquote:
			r.block(child, indent)
			r.keepWhole(child, indent)
			_, last := r.extent(child)
			r.forms[max(last, 0)].fence = "" // the end of the quotation closes it
		case *ast.ListItem:
			r.block(child, indent+child.Offset)
		case *ast.List:
			r.block(child, indent)
		default:
			r.prose(child, Prose, indent)
			r.paragraph(child, indent)
		}
	}
}

// underlined returns whether a heading is marked by a line of = or - below it, which also occurs in plain text.
func (r *formReader) underlined(heading *ast.Heading) bool {
	if heading.Lines().Len() == 0 {
		return false // an empty one, "##"
	}
	at := heading.Lines().At(0).Start
	return !bytes.Contains(r.source[r.starts[r.line(at)]:at], []byte("#"))
}

// prose records the visible text of the lines of a node and of the nodes below it.
func (r *formReader) prose(node ast.Node, kind Kind, indent int) {
	read := 0 // the end of what was read
	add := func(n ast.Node, start int, seen []byte) {
		f := &r.forms[r.line(start)]
		f.kind, f.indent, f.under = kind, indent, r.under
		if n.PreviousSibling() == nil && n.Parent().Type() == ast.TypeBlock {
			f.text += " " // the next cell of a row
		}
		f.text += string(seen)
	}
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			seen := n.Segment.Value(r.source)
			if n.Parent().Kind() != ast.KindCodeSpan {
				seen = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(seen)))
			}
			add(n, n.Segment.Start, seen)
			read = n.Segment.Stop
		case *ast.AutoLink: // goldmark does not say where it stands
			label := n.Label(r.source)
			from := max(read, blockStart(n))
			if at := bytes.Index(r.source[from:], label); at >= 0 {
				add(n, from+at, label)
				read = from + at + len(label)
			}
		}
		return ast.WalkContinue, nil
	})
}

// blockStart returns where the block that a node belongs to begins; 0 if it has no lines of its own.
func blockStart(node ast.Node) int {
	for ; node != nil; node = node.Parent() {
		if node.Type() == ast.TypeBlock && node.Lines().Len() > 0 {
			return node.Lines().At(0).Start
		}
	}
	return 0
}

// markup matches what a reader of HTML does not see: comments, scripts, styles, and tags.
var markup = regexp.MustCompile(`(?is)<!--.*?(-->|$)|<(script|style)\b.*?(</(script|style)>|$)|<[^>]*>`)

// htmlText returns the visible text of a block of HTML, with as many lines as the block has.
func htmlText(block *ast.HTMLBlock, source []byte) string {
	literal := block.Lines().Value(source)
	if block.HasClosure() {
		literal = append(literal, block.ClosureLine.Value(source)...)
	}
	shown := markup.ReplaceAllStringFunc(string(literal), func(hidden string) string {
		return strings.Repeat("\n", strings.Count(hidden, "\n"))
	})
	return string(util.ResolveEntityNames(util.ResolveNumericReferences([]byte(shown))))
}

// html records the lines of a block of HTML, into which no text can be inserted.
func (r *formReader) html(block *ast.HTMLBlock, indent int) {
	first, last := r.extent(block)
	if block.HasClosure() {
		last = r.line(block.ClosureLine.Start)
		if first < 0 {
			first = last
		}
	}
	for i, seen := range strings.Split(strings.TrimRight(htmlText(block, r.source), "\n"), "\n") {
		if strings.TrimSpace(seen) != "" {
			f := &r.forms[first+i]
			f.kind, f.text, f.indent, f.under = HTML, seen, indent, r.under
		}
	}
	r.keepTogether(first, last, indent)
}

// verbatim records the lines of a block of code.
func (r *formReader) verbatim(node ast.Node, indent int) {
	for i := range node.Lines().Len() {
		segment := node.Lines().At(i)
		literal := string(segment.Value(r.source))
		if strings.TrimSpace(literal) != "" {
			f := &r.forms[r.line(segment.Start)]
			f.kind, f.text, f.indent, f.under = Code, literal, indent, r.under
		}
	}
}

// keepWhole records that no text can be inserted into a block.
func (r *formReader) keepWhole(block ast.Node, indent int) {
	first, last := r.extent(block)
	r.keepTogether(first, last, indent)
}

// headOf returns where the lines begin that must stay together with a table: at its first line, or at the paragraph directly above if
// that line would not begin a table on its own.
func (r *formReader) headOf(first int, above ast.Node, indent int) int {
	if above == nil || first == 0 || r.forms[first-1].kind != Prose || strings.HasPrefix(r.text(first), strings.Repeat(" ", indent)+"|") {
		return first
	}
	if begin, last := r.extent(above); last == first-1 {
		return begin
	}
	return first
}

var emptyRow = regexp.MustCompile(`^[ |]*\|[ |]*$`)

var openFence, closeFence = regexp.MustCompile("^(`{3,}|~{3,})"), regexp.MustCompile("^[ \t>]*(`{3,}|~{3,})[ \t]*$")

// fenced keeps a block of code together with its fences. The notes need not close it (CommonMark 0.31.2, section 4.5).
func (r *formReader) fenced(block *ast.FencedCodeBlock, indent int) {
	first := r.line(block.Pos())
	_, last := r.extent(block)
	last = max(last, first)
	fence := string(openFence.Find(r.source[block.Pos():]))
	if closing := closeFence.FindStringSubmatch(r.text(last + 1)); closing != nil && strings.HasPrefix(closing[1], fence) {
		last++
	} else {
		r.forms[last].fence = fence
	}
	r.keepTogether(first, last, indent)
}

// text returns a line, from 0; empty if there is none.
func (r *formReader) text(line int) string {
	if line >= len(r.starts) {
		return ""
	}
	text, _, _ := strings.Cut(string(r.source[r.starts[line]:]), "\n")
	return text
}

// extent returns the first and the last line, from 0, of the text of a node; -1 and -2 if it has none.
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
		if t, ok := n.(*ast.Text); ok {
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

// keepTogether records that no text can be inserted between two lines.
func (r *formReader) keepTogether(first, last, indent int) {
	last = min(last, len(r.forms)-1)
	for i := max(first, 0); i <= last; i++ {
		r.forms[i].end, r.forms[i].indent = last+1, indent
	}
}

// visible returns the visible text of lines that were read, from 0.
func (r *formReader) visible(first, last int) string {
	var seen []string
	for i := max(first, 0); i <= last; i++ {
		seen = append(seen, r.forms[i].text)
	}
	return visible(strings.Join(seen, " "))
}
