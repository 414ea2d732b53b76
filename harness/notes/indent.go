package notes

import "strings"

// Indent indents a manifest that lost its indentation, such as text that was pasted into notes, in the way kubectl does. It
// changes nothing else, not even errors, because it uses only the form of the lines, not the names of fields:
//
//   - "key:" opens a block, which contains the next line.
//   - "key:" also closes the innermost block, if that has content and is not an item of a list.
//   - "- key" begins an item: of the innermost list whose first item began with this key, otherwise of the block just opened.
func Indent(manifest string) string {
	open := []*block{{}}
	var out strings.Builder
	for line := range strings.Lines(manifest) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		open = closeBlocks(open, line)
		here := open[len(open)-1]
		if here.first == "" {
			here.first = key(line)
		}
		out.WriteString(strings.Repeat(" ", here.indent) + line + "\n")
		open = append(open, openedBlocks(here, line)...)
	}
	return out.String()
}

// block is a sequence of lines with the same indentation.
type block struct {
	indent int
	item   bool   // whether it is the fields of an item of a list
	list   bool   // whether it is the items of a list
	first  string // the key of its first line; empty if it has no line yet
}

// closeBlocks closes the blocks that the line cannot belong to, and returns the remaining ones.
func closeBlocks(open []*block, line string) []*block {
	here := open[len(open)-1]
	isItem, opens := strings.HasPrefix(line, "- "), strings.HasSuffix(line, ":")
	switch {
	case here.first == "" && isItem:
		here.list, here.indent = true, max(here.indent-step, 0)
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

// step is the indentation of a block relative to the line that opens it.
const step = 2

// openedBlocks returns the blocks that a line opens.
func openedBlocks(here *block, line string) []*block {
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
