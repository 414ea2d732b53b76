package soak

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// longestReason limits the characters of a reason on the page. The records contain the whole reason.
const longestReason = 400

// Markdown renders the summary as a page for GitHub. Deviations come first.
func (s *Summary) Markdown() string {
	var b strings.Builder
	s.head(&b)
	s.deviations(&b)
	s.runs(&b)
	s.claims(&b)
	s.machines(&b)
	return b.String()
}

func (s *Summary) head(b *strings.Builder) {
	loaded := 0
	for _, run := range s.Runs {
		if run.Loaded {
			loaded++
		}
	}
	fmt.Fprintf(b, "# Soak on Kubernetes %s\n\n%d of %s, %d idle and %d loaded; %s; begun %s UTC", untrusted.Markdown(s.Version),
		len(s.Runs), counted(s.Planned, "run", "runs"), len(s.Runs)-loaded, loaded,
		counted(len(s.Claims), "claim", "claims"), s.Began.UTC().Format(time.DateTime))
	if s.Finished.IsZero() {
		b.WriteString(", not finished")
	} else {
		fmt.Fprintf(b, ", finished %s UTC", s.Finished.UTC().Format(time.DateTime))
	}
	b.WriteString(".\n")
	if s.Chosen != "" {
		fmt.Fprintf(b, "Only the claims that match %s were run.\n", untrusted.Markdown(s.Chosen))
	}
	b.WriteString("During a loaded run one process for each core is busy, beside the suite; an idle run has only the suite.\n\n")
	problems := s.Problems()
	if len(problems) == 0 && len(s.Runs) > 1 {
		b.WriteString("Every claim came out the same, and as expected, in every run.\n")
	}
	for _, problem := range problems {
		fmt.Fprintf(b, "- **%s**\n", problem)
	}
}

func (s *Summary) deviations(b *strings.Builder) {
	if len(s.Deviations) == 0 {
		return
	}
	b.WriteString("\n## Not the same\n\n| run | | claim | verdict | usually | seconds | why |\n|---:|---|---|---|---|---:|---|\n")
	for _, d := range s.Deviations {
		verdict, took := untrusted.Markdown(string(d.Verdict)), fmt.Sprintf("%.1f", d.Seconds)
		if d.Drift {
			verdict += ", **drift**"
		}
		if d.Verdict == claim.NotRun {
			took = ""
		}
		fmt.Fprintf(b, "| %d | %s | %s | %s | %s | %s | %s |\n", d.Run, state(d.Loaded), untrusted.Markdown(d.Claim), verdict,
			untrusted.Markdown(string(d.Usual)), took, d.why())
	}
}

// why renders the reason of a deviation and its points as the cell of a table.
func (d *Deviation) why() string {
	var lines []string
	if d.Reason != "" {
		lines = append(lines, short(d.Reason))
	}
	for _, p := range d.Points {
		lines = append(lines, fmt.Sprintf("%s: observed %s, usually %s", untrusted.Markdown(p.Says), p.Observed, p.Usual))
	}
	return strings.Join(lines, "<br>")
}

func (s *Summary) runs(b *strings.Builder) {
	b.WriteString("\n## Runs\n\nSeconds: of the whole run, which compiles the suite and may create or remove the cluster; " +
		"and from the first scenario's start to the last one's end.\n\n" +
		"| run | | began (UTC) | seconds | of the scenarios | cores busy | cluster | failure, other than by a claim |\n|---:|---|---|---:|---:|---:|---|---|\n")
	for _, r := range s.Runs {
		busy, cluster := "", "new"
		if r.Loaded {
			busy = fmt.Sprintf("%.2f", r.BusyCores)
		}
		if r.Reused {
			cluster = "used again"
		}
		if r.ScenarioSeconds == 0 {
			cluster = "" // the run may have had no cluster
		}
		fmt.Fprintf(b, "| %d | %s | %s | %.1f | %.1f | %s | %s | %s |\n", r.Number, state(r.Loaded), r.Began.UTC().Format(time.DateTime),
			r.Seconds, r.ScenarioSeconds, busy, cluster, short(r.Failure))
	}
	fmt.Fprintf(b, "\nThe scenarios took, in the median, %s s idle and %s s loaded (ratio %s); at most %s s idle and %s s loaded.\n",
		median(s.Scenarios.Idle), median(s.Scenarios.Loaded), ratio(s.Scenarios), longest(s.Scenarios.Idle), longest(s.Scenarios.Loaded))
}

func (s *Summary) claims(b *strings.Builder) {
	if len(s.Claims) > 0 {
		b.WriteString("\n## Claims\n\nSeconds of the runs that tried the claim.\n\n" +
			"| claim | idle | loaded | idle median | idle max | loaded median | loaded max | ratio |\n|---|---|---|---:|---:|---:|---:|---:|\n")
	}
	for _, c := range s.Claims {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", untrusted.Markdown(c.ID), verdicts(c.Idle), verdicts(c.Loaded),
			median(c.Seconds.Idle), longest(c.Seconds.Idle), median(c.Seconds.Loaded), longest(c.Seconds.Loaded), ratio(c.Seconds))
	}
	if len(s.NotRun) > 0 {
		fmt.Fprintf(b, "\nNot run in any run: %s.\n", untrusted.Markdown(strings.Join(s.NotRun, ", ")))
	}
}

func (s *Summary) machines(b *strings.Builder) {
	if len(s.Machines) == 0 {
		return
	}
	b.WriteString("\n## Machine\n\nAs the records observed it.\n\n| runs | CPUs | memory | cgroup | OS | kernel | engine | container runtime | CNI | kube-proxy | nodes |\n" +
		"|---|---:|---:|---|---|---|---|---|---|---|---:|\n")
	for _, m := range s.Machines {
		var runs []string
		for _, n := range m.Runs {
			runs = append(runs, fmt.Sprint(n))
		}
		fmt.Fprintf(b, "| %s | %d | %d MiB | %s | %s | %s | %s | %s | %s | %s | %d |\n", strings.Join(runs, ", "), m.CPUs, m.MemoryMiB,
			untrusted.Markdown(m.CgroupVersion), untrusted.Markdown(m.OS), untrusted.Markdown(m.Kernel+" "+m.Architecture),
			untrusted.Markdown(m.Engine), untrusted.Markdown(m.ContainerRuntime), untrusted.Markdown(m.CNI),
			untrusted.Markdown(m.KubeProxyMode), m.Nodes)
	}
}

// verdicts renders the number of each verdict, the most frequent first: "holds 9, inconclusive 1".
func verdicts(count map[claim.Verdict]int) string {
	all := []claim.Verdict{claim.Holds, claim.InPart, claim.Refuted, claim.Inconclusive, claim.NotRun}
	slices.SortStableFunc(all, func(a, b claim.Verdict) int { return cmp.Compare(count[b], count[a]) })
	var parts []string
	for _, v := range all {
		if count[v] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", v, count[v]))
		}
	}
	return strings.Join(parts, ", ")
}

func short(text string) string { return untrusted.Markdown(untrusted.Short(text, longestReason)) }

func median(t Times) string { return number(t.Median, t.Runs > 0, "%.1f") }

func longest(t Times) string { return number(t.Max, t.Runs > 0, "%.1f") }

func ratio(c Compared) string { return number(c.Ratio, c.Ratio > 0, "%.2f") }

func number(x float64, known bool, format string) string {
	if !known {
		return "–"
	}
	return fmt.Sprintf(format, x)
}
