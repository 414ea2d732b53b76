package notes

// Passage is one or more lines of the notes that belong together because a quote spans them.
type Passage struct {
	Lines []string
	// Quotes are the indices of the quotes that end here, ordered by line and then by index.
	Quotes []int
}

// Passages divides the notes so that no quote is split. lost are the indices of the quotes that are not in the notes.
func (n *Notes) Passages(quotes []Quote) (passages []Passage, lost []int) {
	after := make([][]int, len(n.lines)+1)
	joined := make([]bool, len(n.lines)+2) // joined[i]: line i belongs with line i-1
	for i, quote := range quotes {
		first, last, err := n.Find(quote)
		if err != nil {
			lost = append(lost, i)
			continue
		}
		for line := first + 1; line <= last; line++ {
			joined[line] = true
		}
		after[last] = append(after[last], i)
	}
	for i := 0; i < len(n.lines); {
		end := i + 1
		for end < len(n.lines) && joined[end+1] {
			end++
		}
		p := Passage{Lines: n.lines[i:end]}
		for line := i + 1; line <= end; line++ {
			p.Quotes = append(p.Quotes, after[line]...)
		}
		passages = append(passages, p)
		i = end
	}
	return passages, lost
}
