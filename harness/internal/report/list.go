package report

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// quoteWidth is the width of a quote in a list, in columns.
const quoteWidth = 60

// List renders the claims for a terminal, each with the first answer in the records, in their order.
func List(claims []claim.Claim, records []*evidence.Record) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleRounded)
	t.Style().Format.Header = text.FormatDefault
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, WidthMax: quoteWidth, WidthMaxEnforcer: text.WrapSoft}})
	t.AppendHeader(table.Row{"claim", "the notes say", "last answer"})
	for _, c := range claims {
		last := ""
		for _, a := range resultsOf(c.ID, records) {
			if a.claim.Settled() {
				last = fmt.Sprintf("%s (%s)", a.claim.Verdict, untrusted.Line(a.record.Version))
				break
			}
		}
		t.AppendRow(table.Row{c.ID, untrusted.Short(c.Quote, 2*quoteWidth), last})
	}
	return t.Render() + "\n"
}

// Known is what is known about one claim without a run.
type Known struct {
	claim.Claim
	Where    string // in the notes
	Manifest Source
	// Sabotages are the changes to the manifest under which it must fail.
	Sabotages []string
	Breaks    []string // the breaks of the cluster that turn its points
}

// Explain renders what is known about a claim for a terminal, with the controls in the first record that ran it and the results
// in all records, in their order.
func Explain(c Known, records []*evidence.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", c.ID, indented(untrusted.Text(c.Quote)))
	fmt.Fprintf(&b, "  %s\n\npoints\n", c.Where)
	for _, p := range c.Points {
		fmt.Fprintf(&b, "  - %s: expected %s\n", untrusted.Line(p.Says), p.Expect)
		if p.SaysKO != "" {
			fmt.Fprintf(&b, "    %s\n", untrusted.Line(p.SaysKO))
		}
	}
	if c.Correction.EN != "" {
		fmt.Fprintf(&b, "\ncorrection\n  %s\n", untrusted.Line(c.Correction.EN))
	}
	if c.Remark.EN != "" {
		fmt.Fprintf(&b, "\nnote\n  %s\n", untrusted.Line(c.Remark.EN))
	}
	if needs := needsOf(c.Claim); needs != "" {
		fmt.Fprintf(&b, "\nneeds\n  %s\n", needs)
	}
	found := resultsOf(c.ID, records)
	if len(found) > 0 && len(found[0].claim.Control) > 0 {
		b.WriteString("\nwitnesses and contrasts, as last run\n")
		for _, control := range found[0].claim.Control {
			fmt.Fprintf(&b, "  - %s: %s\n", control.Kind, untrusted.Line(control.Says))
		}
	}
	if len(c.Sabotages) > 0 {
		b.WriteString("\nsabotage\n")
		for _, line := range c.Sabotages {
			fmt.Fprintf(&b, "  %s\n", untrusted.Line(line))
		}
	}
	if len(c.Breaks) > 0 {
		b.WriteString("\nbreaks of the cluster that turn its points\n")
		for _, line := range c.Breaks {
			fmt.Fprintf(&b, "  - %s\n", untrusted.Line(line))
		}
	}
	fmt.Fprintf(&b, "\nmanifest: %s\n%s\n", c.Manifest.Path, indented(strings.TrimSpace(untrusted.Text(c.Manifest.Text))))
	b.WriteString("last answers\n")
	for _, a := range found {
		fmt.Fprintf(&b, "  %s\n", a)
	}
	if len(found) == 0 {
		b.WriteString("  none: it has not been run here. A run also shows its witnesses and contrasts\n")
	}
	return b.String()
}

// Source is a file's path and text.
type Source struct{ Path, Text string }

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

// result is the result of a claim in one record.
type result struct {
	record *evidence.Record
	claim  *evidence.Claim
}

// String returns the result as a line: "holds on v1.37.2, 2 Jan 2026 15:04".
func (r result) String() string {
	line := fmt.Sprintf("%s on %s", r.claim.Verdict, untrusted.Line(r.record.Version))
	if !r.claim.Started.IsZero() {
		line += r.claim.Started.UTC().Format(", 2 Jan 2006 15:04")
	}
	if r.claim.Drift {
		line += ", drift"
	}
	if r.claim.Reason != "" {
		line += ": " + untrusted.Short(r.claim.Reason, 200)
	}
	return line
}

// resultsOf returns the results of a claim in the records that ran it.
func resultsOf(id string, records []*evidence.Record) []result {
	var all []result
	for _, r := range records {
		for _, c := range r.Claims {
			if c.ID == id && c.Verdict != claim.NotRun {
				all = append(all, result{r, c})
			}
		}
	}
	return all
}
