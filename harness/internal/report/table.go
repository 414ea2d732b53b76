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

// longestLook limits the characters of one piece of evidence on a terminal. The record contains the whole text.
const longestLook = 400

// Table renders the verdicts for a terminal, with colours or without: the flips since the previous run, then a table of the claims
// that were chosen. After the table it shows, for each claim that fails the run, the expectations and observations of its points,
// the evidence, and the command that reproduces it.
func Table(record *evidence.Record, colours bool) string {
	if colours {
		return draw(record, colour)
	}
	return draw(record, plain)
}

// paint colours a text according to a verdict.
type paint func(v claim.Verdict, drift bool, text string) string

func plain(_ claim.Verdict, _ bool, text string) string { return text }

func colour(v claim.Verdict, drift bool, text string) string {
	code := "33" // yellow
	switch {
	case drift || v == claim.Inconclusive:
		code = "1;31" // bold red
	case v == claim.Holds:
		code = "32" // green
	case v == claim.Refuted:
		code = "35" // magenta: an answer, not a failure
	case v == claim.NotRun:
		code = "2" // dim
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func draw(record *evidence.Record, paint paint) string {
	var b strings.Builder
	flipLines(&b, changed(matrix(arrange([]*evidence.Record{record}))).Flips, paint)
	t := table.NewWriter()
	t.SetStyle(table.StyleRounded)
	t.Style().Format.Header = text.FormatDefault
	t.SetColumnConfigs([]table.ColumnConfig{{Name: "seconds", Align: text.AlignRight}})
	t.AppendHeader(table.Row{"claim", "verdict", "expected", "drift", "seconds"})
	for _, c := range record.Claims {
		if c.Reason == evidence.NotChosen {
			continue
		}
		drift := ""
		if c.Drift {
			drift = paint(c.Verdict, true, "✗ drift")
		}
		if c.Flip != nil {
			drift = strings.TrimSpace(drift + " " + flipWord(c.Flip, paint))
		}
		if c.Turned() {
			drift = strings.TrimSpace(drift + " " + turnedMark + " turned")
		}
		took := fmt.Sprintf("%.1f", c.Seconds)
		if c.Verdict == claim.NotRun {
			took = ""
		}
		t.AppendRow(table.Row{untrusted.Line(c.ID), paint(c.Verdict, c.Failed(), string(c.Verdict)), c.Expected, drift, took})
	}
	b.WriteString(t.Render())
	fmt.Fprintf(&b, "\n%s: %s\n", title(record), count(record))
	if anyTurned(record.Claims) {
		fmt.Fprintf(&b, "%s %s\n", turnedMark, turnedMeans)
		turnedLines(&b, record.Claims)
	}
	if record.Failure != "" {
		fmt.Fprintf(&b, "The run failed: %s\n", untrusted.Line(record.Failure))
	}
	for _, c := range record.Claims {
		if c.Failed() {
			b.WriteString("\n")
			detail(&b, c, paint)
		}
	}
	notRun(&b, record)
	return b.String()
}

// flipLines writes the flips and their points.
func flipLines(b *strings.Builder, flips []*flip, paint paint) {
	if len(flips) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", counting(len(flips), "flip"))
	for _, f := range flips {
		mark := "↺ "
		if f.Fails() {
			mark = "✗ "
		}
		fmt.Fprintf(b, "  %s\n", paint(f.Newer.Claim.Verdict, f.Fails(), mark+untrusted.Line(f.String())))
		for _, p := range f.Points {
			fmt.Fprintf(b, "      %s → %s: %s\n", p.Older.Observed, p.Newer.Observed, untrusted.Line(p.Newer.Says))
		}
	}
	b.WriteString("\n")
}

// turnedLines writes how answers turned round, including those of claims without details.
func turnedLines(b *strings.Builder, claims []*evidence.Claim) {
	for _, c := range claims {
		for _, p := range c.Points {
			for _, e := range p.Evidence {
				if e.Looks.Turned() && !e.Supporting {
					fmt.Fprintf(b, "  %s: %s: %s\n", untrusted.Line(c.ID), untrusted.Line(p.Says), reversal(e))
				}
			}
		}
	}
}

func flipWord(f *evidence.Flip, paint paint) string {
	if f.Fails() {
		return paint("", true, "✗ flip")
	}
	return "↺ flip"
}

// notRun writes why claims that were chosen were not run, grouped by reason.
func notRun(b *strings.Builder, record *evidence.Record) {
	var reasons []string
	ids := map[string][]string{}
	for _, c := range record.Claims {
		if c.Verdict != claim.NotRun || c.Reason == evidence.NotChosen {
			continue
		}
		reason := untrusted.Line(c.Reason)
		if ids[reason] == nil {
			reasons = append(reasons, reason)
		}
		ids[reason] = append(ids[reason], untrusted.Line(c.ID))
	}
	for _, reason := range reasons {
		fmt.Fprintf(b, "\nnot run: %s\n  %s\n", reason, strings.Join(ids[reason], ", "))
	}
}

// title returns the version of the record.
func title(record *evidence.Record) string {
	version := "Kubernetes, version not observed"
	if record.Kubernetes() != "" {
		version = "Kubernetes " + untrusted.Line(record.Label())
	}
	if record.Partial {
		version += " (partial)"
	}
	return version
}

func detail(b *strings.Builder, c *evidence.Claim, paint paint) {
	what := "is inconclusive"
	switch {
	case c.Flip.Fails():
		what = "flipped"
	case c.Drift:
		what = "drifted"
	}
	fmt.Fprintf(b, "%s\n", paint(c.Verdict, true, fmt.Sprintf("✗ %s %s", untrusted.Line(c.ID), what)))
	fmt.Fprintf(b, "  “%s”\n", untrusted.Line(c.Quote))
	if c.Reason != "" {
		fmt.Fprintf(b, "  %s\n", untrusted.Short(c.Reason, longestLook))
	}
	if c.Flip != nil {
		fmt.Fprintf(b, "  it was %s\n", untrusted.Line(c.Flip.Tell(c.Verdict)))
		for _, p := range c.Flip.Points {
			fmt.Fprintf(b, "  ↺ expected %-5t observed %-7s %s, then\n", p.Expected, p.Observed, untrusted.Line(p.Says))
			lookLines(b, p.Evidence)
		}
	}
	for _, p := range c.Points {
		fmt.Fprintf(b, "  %s expected %-5t observed %-7s %s\n", pointMark(p), p.Expected, p.Observed, untrusted.Line(p.Says))
		controlLines(b, p, c.Control)
		lookLines(b, p.Evidence)
	}
	for _, k := range c.Control {
		if k.Passed {
			continue
		}
		o := inClaim(k, c)
		fmt.Fprintf(b, "  %s %s %s: %s\n", o.Mark(), kindOf(k), o, untrusted.Line(k.Says))
		lookLines(b, k.Evidence)
	}
	if c.Reproduce != "" {
		fmt.Fprintf(b, "  reproduce: %s\n", untrusted.Line(c.Reproduce))
	}
}

// controlLines writes why a point was not observed, and the outcomes of its controls.
func controlLines(b *strings.Builder, p evidence.Point, controls []evidence.Control) {
	if p.Unproven != "" {
		fmt.Fprintf(b, "      not observed: %s\n", untrusted.Short(p.Unproven, longestLook))
	}
	for _, k := range controlsOf(p, controls) {
		turned := ""
		if k.Turned {
			turned = " " + turnedMark
		}
		fmt.Fprintf(b, "      %s %s %s: %s%s\n", k.Outcome.Mark(), k.Kind, k.Outcome, untrusted.Line(k.Says), turned)
	}
	if p.NoContrast != "" {
		fmt.Fprintf(b, "      no contrast: %s\n", untrusted.Line(p.NoContrast))
	}
}

func lookLines(b *strings.Builder, all []evidence.Evidence) {
	for _, e := range all {
		wanted := ""
		if e.Wanted != "" {
			wanted = ", wanted " + untrusted.Line(e.Wanted)
		}
		fmt.Fprintf(b, "      %s%s%s\n      saw %s\n", untrusted.Line(lookedAt(e)), wanted, watched(e), untrusted.Short(saw(e), longestLook))
		for _, remark := range remarks(e) {
			fmt.Fprintf(b, "      %s\n", remark)
		}
	}
}

func pointMark(p evidence.Point) string {
	switch {
	case p.Observed == claim.Nothing:
		return "?"
	case p.Observed.Is(p.Expected):
		return "✓"
	default:
		return "✗"
	}
}
