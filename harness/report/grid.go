package report

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/untrusted"
)

// Grid is every claim on every version for a terminal, the newest version first. Below it stands why a run could not
// go on, where one could not.
func Grid(records []*evidence.Record) string {
	columns := arrange(records)
	t := table.NewWriter()
	t.SetStyle(table.StyleRounded)
	t.Style().Format.Header = text.FormatDefault
	header := table.Row{"claim"}
	for _, c := range columns {
		header = append(header, untrusted.Line(c.Label))
	}
	t.AppendHeader(header)
	for _, g := range matrix(columns) {
		for _, r := range g.Rows {
			line := table.Row{untrusted.Line(r.ID)}
			for _, cell := range r.Cells {
				line = append(line, inGrid(cell))
			}
			t.AppendRow(line)
		}
	}
	var b strings.Builder
	b.WriteString(t.Render() + "\n")
	for _, c := range columns {
		fmt.Fprintf(&b, "%s: %s\n", untrusted.Line(c.Label), c.Summary())
		if c.Failure != "" {
			fmt.Fprintf(&b, "  the run could not go on: %s\n", untrusted.Line(c.Failure))
		}
	}
	return b.String()
}

func inGrid(cell *entry) string {
	switch {
	case cell.Claim == nil:
		return ""
	case cell.Claim.Drift:
		return untrusted.Line(string(cell.Claim.Verdict)) + " ✗ drift"
	default:
		return untrusted.Line(string(cell.Claim.Verdict))
	}
}
