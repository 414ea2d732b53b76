package report

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// longestSaw limits the characters of one piece of evidence, and logLines the lines of a log, because the size of a job summary
// is limited. The record contains everything.
const (
	longestSaw = 600
	logLines   = 30
)

// Markdown renders the verdicts as a page for GitHub: a table, then every claim in a section to expand. Claims that fail the run
// come first and are expanded.
func Markdown(record *evidence.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Verdicts on %s\n\n%s.\n", untrusted.Markdown(title(record)), count(record))
	if flips := changed(matrix(arrange([]*evidence.Record{record}))).Flips; len(flips) > 0 {
		b.WriteString("\n## Flips since the previous run\n")
		for _, f := range flips {
			b.WriteString(flipSection(f))
		}
	}
	if record.Failure != "" {
		fmt.Fprintf(&b, "\n**The run failed:** %s\n", untrusted.Markdown(record.Failure))
	}
	if len(record.Claims) > 0 {
		b.WriteString("\n| | claim | verdict | expected | drift | seconds |\n|---|---|---|---|---|---:|\n")
		for _, c := range record.Claims {
			drift, took := "", fmt.Sprintf("%.1f", c.Seconds)
			if c.Drift {
				drift = "**drift**"
			}
			switch {
			case c.Flip.Fails():
				drift = strings.TrimSpace(drift + " **flip**")
			case c.Flip != nil:
				drift = strings.TrimSpace(drift + " flip, foreseen")
			}
			if c.Turned() {
				drift = strings.TrimSpace(drift + " " + turnedMark + " turned")
			}
			if c.Verdict == claim.NotRun {
				took = ""
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
				mark(c), untrusted.Markdown(c.ID), untrusted.Markdown(string(c.Verdict)), untrusted.Markdown(string(c.Expected)), drift, took)
		}
	}
	if anyTurned(record.Claims) {
		fmt.Fprintf(&b, "\n%s %s.\n", turnedMark, turnedMeans)
	}
	for _, c := range failedFirst(record.Claims) {
		section(&b, c, "")
	}
	environment(&b, record)
	return b.String()
}

// flipSection renders a flip with the evidence of both sides.
func flipSection(f *flip) string {
	sign := "↺"
	if f.Fails() {
		sign = "⚠️"
	}
	older, newer := untrusted.Markdown(f.Older.Column.Label), untrusted.Markdown(f.Newer.Column.Label)
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s **%s**: %s on %s → **%s on %s**, %s\n\n", sign, untrusted.Markdown(f.Row.ID), untrusted.Markdown(string(f.Older.Claim.Verdict)), older,
		untrusted.Markdown(string(f.Newer.Claim.Verdict)), newer, untrusted.Markdown(string(f.Turn)))
	fmt.Fprintf(&b, "> %s\n\n| point | %s | %s |\n|---|---|---|\n", untrusted.Markdown(f.Row.Quote), older, newer)
	for _, p := range f.Points {
		fmt.Fprintf(&b, "| %s | **%s**<br>%s | **%s**<br>%s |\n", untrusted.Markdown(p.Newer.Says), p.Older.Observed, cell(p.Older.Evidence), p.Newer.Observed, cell(p.Newer.Evidence))
	}
	return b.String()
}

// mark returns the sign of a claim: a warning if it drifted or flipped unexpectedly, else that of its verdict.
func mark(c *evidence.Claim) string {
	if c.Drift || c.Flip.Fails() {
		return "⚠️"
	}
	return sign(c.Verdict)
}

func sign(v claim.Verdict) string {
	switch v {
	case claim.Holds:
		return "✅"
	case claim.InPart:
		return "🔶"
	case claim.Refuted:
		return "❌"
	case claim.NotRun:
		return "⏭️"
	default:
		return "❔"
	}
}

// pointTable renders the points of a claim, if there are any.
func pointTable(b *strings.Builder, c *evidence.Claim) {
	if len(c.Points) == 0 {
		return
	}
	b.WriteString("\n| | point | expected | observed | evidence |\n|---|---|---|---|---|\n")
	for _, p := range c.Points {
		fmt.Fprintf(b, "| %s | %s | %t | %s | %s |\n", pointMark(p), pointCell(p, c.Control), p.Expected, p.Observed, cell(p.Evidence))
	}
}

// controlTable renders the witnesses and contrasts of a claim, if there are any.
func controlTable(b *strings.Builder, c *evidence.Claim) {
	if len(c.Control) == 0 {
		return
	}
	head := "control"
	if kinds(c) {
		head = "witness or contrast"
	}
	fmt.Fprintf(b, "\n| | %s | evidence |\n|---|---|---|\n", head)
	for _, k := range c.Control {
		came, says := inClaim(k, c).Mark(), untrusted.Markdown(k.Says)
		if !k.Passed {
			came += " " + string(inClaim(k, c))
		}
		if k.Kind != "" {
			says = string(k.Kind) + ": " + says
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", came, says, cell(k.Evidence))
	}
}

// section renders a claim as a section to expand. on is the version, if the page contains several.
func section(b *strings.Builder, c *evidence.Claim, on string) {
	open, drifted := "", ""
	if c.Failed() {
		open = " open"
	}
	if c.Drift {
		drifted = ", drifted"
	}
	if c.Flip.Fails() {
		drifted += ", flipped"
	}
	if c.Turned() {
		drifted += ", " + turnedMark + " turned"
	}
	if on != "" {
		on = " on " + html.EscapeString(untrusted.Line(on))
	}
	fmt.Fprintf(b, "\n<details%s>\n<summary>%s <b>%s</b>%s: %s%s</summary>\n\n", open, mark(c),
		html.EscapeString(untrusted.Line(c.ID)), on, html.EscapeString(untrusted.Line(string(c.Verdict))), drifted)
	fmt.Fprintf(b, "> %s\n", untrusted.Markdown(c.Quote))
	if c.Flip != nil {
		fmt.Fprintf(b, "\n**Flip:** it was %s\n", untrusted.Markdown(c.Flip.Tell(c.Verdict)))
	}
	if c.Reason != "" {
		fmt.Fprintf(b, "\n**Why:** %s\n", untrusted.Markdown(untrusted.Short(c.Reason, longestSaw)))
	}
	pointTable(b, c)
	controlTable(b, c)
	for _, line := range []string{c.Correction.EN, c.Correction.KO} {
		if line != "" && (c.Verdict == claim.InPart || c.Verdict == claim.Refuted) {
			fmt.Fprintf(b, "\n**Instead:** %s\n", untrusted.Markdown(line))
		}
	}
	if c.Reproduce != "" {
		fmt.Fprintf(b, "\nReproduce:\n\n%s", untrusted.Fence("sh", c.Reproduce))
	}
	if c.Diagnosis != nil && c.Failed() {
		diagnosis(b, c.Diagnosis)
	}
	b.WriteString("\n</details>\n")
}

// pointCell renders a point, why it was not observed, and its controls.
func pointCell(p evidence.Point, controls []evidence.Control) string {
	lines := []string{untrusted.Markdown(p.Says)}
	if p.Unproven != "" {
		lines = append(lines, "**not observed:** "+untrusted.Markdown(untrusted.Short(p.Unproven, longestSaw)))
	}
	for _, k := range controlsOf(p, controls) {
		line := fmt.Sprintf("%s %s %s: %s", k.Outcome.Mark(), k.Kind, k.Outcome, untrusted.Markdown(k.Says))
		if k.Turned {
			line += " " + turnedMark
		}
		lines = append(lines, line)
	}
	if p.NoContrast != "" {
		lines = append(lines, "no contrast: "+untrusted.Markdown(p.NoContrast))
	}
	return strings.Join(lines, "<br>")
}

// cell renders all evidence of a point or a control as the cell of a table.
func cell(all []evidence.Evidence) string {
	var lines []string
	for _, e := range all {
		line := untrusted.Markdown(lookedAt(e))
		if e.Wanted != "" {
			line += ", wanted " + untrusted.Markdown(e.Wanted)
		}
		line += fmt.Sprintf("%s: saw %s", watched(e), untrusted.Markdown(untrusted.Short(saw(e), longestSaw)))
		lines = append(lines, line)
		for _, remark := range remarks(e) {
			lines = append(lines, "– "+untrusted.Markdown(remark))
		}
	}
	return strings.Join(lines, "<br>")
}

func diagnosis(b *strings.Builder, d *evidence.Diagnosis) {
	for _, part := range []struct {
		name  string
		lines []string
	}{
		{"Pods", d.Pods}, {"Events", d.Events}, {"Nodes", d.Nodes}, {"Pods of kube-system", d.System},
		{"Events of nodes and of kube-system", d.SystemEvents}, {"Could not be collected", d.Missing},
	} {
		if len(part.lines) > 0 {
			fmt.Fprintf(b, "\n%s:\n\n%s", part.name, untrusted.Fence("text", lastLines(strings.Join(part.lines, "\n"))))
		}
	}
	for _, l := range d.Logs {
		if strings.TrimSpace(l.Text) == "" {
			continue
		}
		previous := ""
		if l.Previous {
			previous = ", previous instance"
		}
		fmt.Fprintf(b, "\nLog of %s in %s%s:\n\n%s", untrusted.Markdown(l.Container), untrusted.Markdown(l.Pod), previous, untrusted.Fence("text", lastLines(l.Text)))
	}
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimRight(untrusted.Text(text), "\n"), "\n")
	lines = lines[max(0, len(lines)-logLines):]
	for i, line := range lines {
		if cut := []rune(line); len(cut) > longestSaw {
			lines[i] = string(cut[:longestSaw]) + "…"
		}
	}
	return strings.Join(lines, "\n")
}

func environment(b *strings.Builder, record *evidence.Record) {
	e := record.Environment
	rows := [][2]string{
		{"noteproof", e.Noteproof}, {"engine", e.Engine}, {"cluster", e.Cluster}, {"node image", e.NodeImage}, {"node image digest", e.NodeImageDigest},
		{"workload image", e.WorkloadImage}, {"pulled images", strings.Join(e.Pulled, ", ")}, {"container runtime", e.ContainerRuntime}, {"CNI", e.CNI},
		{"kube-proxy mode", e.KubeProxyMode}, {"kernel", e.Kernel}, {"cgroup version", e.CgroupVersion}, {"OS", e.OS},
		{"architecture", e.Architecture},
	}
	if e.CPUs > 0 {
		rows = append(rows, [2]string{"CPUs", fmt.Sprint(e.CPUs)})
	}
	if e.MemoryMiB > 0 {
		rows = append(rows, [2]string{"memory", fmt.Sprintf("%d MiB", e.MemoryMiB)})
	}
	for _, n := range e.Nodes {
		rows = append(rows, [2]string{n.Role, fmt.Sprintf("%s %s %s", n.Name, n.Version, n.Address)})
	}
	for _, a := range e.Adaptations {
		rows = append(rows, [2]string{"adapted", a.Found + ": " + a.Did})
	}
	rows = slices.DeleteFunc(rows, func(row [2]string) bool { return row[1] == "" })
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n<details>\n<summary>Environment, as observed</summary>\n\n| | |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", untrusted.Markdown(row[0]), untrusted.Markdown(row[1]))
	}
	b.WriteString("\n</details>\n")
}
