package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// maxInWords is the maximum number of versions whose verdicts are shown in words on a terminal or a screen. More versions are
// shown as signs.
const maxInWords = 5

// Grid renders every claim on every version for a terminal, the newest version first. The flips come before the table, and a
// summary of each version and the failures of runs after it.
func Grid(records []*evidence.Record) string {
	columns := arrange(records)
	groups := matrix(columns)
	var b strings.Builder
	flipLines(&b, changed(groups).Flips, plain)
	b.WriteString(grid(columns, groups) + "\n")
	if len(columns) > maxInWords {
		for _, v := range verdicts() {
			fmt.Fprintf(&b, "%s %s   ", glyph(v), v)
		}
		b.WriteString("! drift   ↺ flip since the previous run\n")
	}
	if slices.ContainsFunc(columns, func(c *column) bool { return anyTurned(c.Claims) }) {
		fmt.Fprintf(&b, "%s %s\n", turnedMark, turnedMeans)
	}
	for _, c := range columns {
		fmt.Fprintf(&b, "%s: %s\n", untrusted.Line(c.Label), c.Summary())
		if c.Failure != "" {
			fmt.Fprintf(&b, "  ✗ the run failed: %s\n", untrusted.Line(c.Failure))
		}
	}
	return b.String()
}

func grid(columns []*column, groups []*group) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleRounded)
	t.Style().Format.Header = text.FormatDefault
	narrow := len(columns) > maxInWords
	t.Style().Options.SeparateColumns = !narrow
	header := table.Row{"claim"}
	for _, c := range columns {
		label := untrusted.Line(c.Label)
		if minor := c.Minor(); narrow && minor != "" {
			label = strings.NewReplacer(" ", "\n", "+", "\n+").Replace(minor + "\n" + untrusted.Line(c.Rest()))
		}
		header = append(header, label)
	}
	t.AppendHeader(header)
	for _, g := range groups {
		for _, r := range g.Rows {
			line := table.Row{untrusted.Line(r.ID)}
			for _, c := range r.Cells {
				line = append(line, inGrid(c.Claim, narrow))
			}
			t.AppendRow(line)
		}
	}
	return t.Render()
}

// inGrid renders the verdict of a claim in words or as a sign; "" if the record does not contain the claim.
func inGrid(c *evidence.Claim, narrow bool) string {
	if c == nil {
		return ""
	}
	verdict, drift, flip, turned := untrusted.Line(string(c.Verdict)), " ✗ drift", " ↺ flip", " "+turnedMark+" turned"
	if narrow {
		verdict, drift, flip, turned = glyph(c.Verdict), "!", "↺", turnedMark
	}
	if c.Drift {
		verdict += drift
	}
	if c.Flip != nil {
		verdict += flip
	}
	if c.Turned() {
		verdict += turned
	}
	return verdict
}

func glyph(v claim.Verdict) string {
	switch v {
	case claim.Holds:
		return "✓"
	case claim.InPart:
		return "◐"
	case claim.Refuted:
		return "✗"
	case claim.NotRun:
		return "–"
	default:
		return "?"
	}
}
