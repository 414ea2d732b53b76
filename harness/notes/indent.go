package notes

import "strings"

// Indent gives a manifest that lost its indentation, as text pasted into notes does, the indentation that kubectl
// writes. All else of it stays, slips included, for it goes by the form of the lines and knows no field's name:
//
//   - "key:" opens a block, in which the next line stands.
//   - "key:" also ends the one block around it that already holds something and is no item of a list.
//   - "- key" begins an item: of the innermost list whose first item began with this key, else of the block just opened.
func Indent(manifest string) string {
	open := []*block{{}}
	var out strings.Builder
	for line := range strings.Lines(manifest) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		open = around(open, line)
		here := open[len(open)-1]
		if here.first == "" {
			here.first = key(line)
		}
		out.WriteString(strings.Repeat(" ", here.indent) + line + "\n")
		open = append(open, opened(here, line)...)
	}
	return out.String()
}

// block is a run of lines of one indentation.
type block struct {
	indent int
	item   bool   // the fields of an item of a list
	list   bool   // the items of a list
	first  string // the key of its first line; empty as long as it has none
}

// around closes the blocks to which the line cannot belong.
func around(open []*block, line string) []*block {
	here := open[len(open)-1]
	isItem, opens := strings.HasPrefix(line, "- "), strings.HasSuffix(line, ":")
	switch {
	case here.first == "" && isItem:
		here.list, here.indent = true, here.indent-step
	case here.first == "":
	case isItem:
		for i := len(open) - 1; i > 0; i-- {
			if open[i].list && open[i].first == key(line) {
				return open[:i+1]
			}
		}
	case opens && !here.item && len(open) > 1:
		return open[:len(open)-1]
	}
	return open
}

// step is how much deeper a block stands than the line that opens it.
const step = 2

// opened are the blocks that a line opens.
func opened(here *block, line string) []*block {
	var blocks []*block
	if strings.HasPrefix(line, "- ") {
		here = &block{indent: here.indent + step, item: true, first: key(line)}
		blocks = append(blocks, here)
	}
	if strings.HasSuffix(line, ":") {
		blocks = append(blocks, &block{indent: here.indent + step})
	}
	return blocks
}

func key(line string) string {
	word, _, _ := strings.Cut(line, ":")
	return word
}
