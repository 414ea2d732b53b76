package disturbed

import (
	"fmt"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// Markdown renders the table as a page for GitHub.
func (t *Faults) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Faults of the cluster on Kubernetes %s\n\n", untrusted.Markdown(t.Version))
	b.WriteString("Each fault disturbs the cluster for a while. Every verdict must be as expected, or inconclusive with a cause, " +
		"and the run must end by itself.\n\n")
	head(&b, len(t.Faults), t.Planned, "faults", t.Began, t.Finished, t.Chosen)
	problems(&b, t.Problems())
	t.list(&b)
	t.grid(&b)
	for _, f := range t.Faults {
		var lines []string
		for _, a := range []Answer{Wrong, Unsure} {
			for n, c := range f.Cells {
				if c.Answer != a {
					continue
				}
				says := string(a)
				if a == Wrong {
					says = "**WRONG**"
				}
				lines = append(lines, fmt.Sprintf("%s: %s: %s", says, untrusted.Markdown(t.Claims[n]), short(c.Reason)))
			}
		}
		fold(&b, f.Name, lines)
	}
	return b.String()
}

func (t *Faults) list(b *strings.Builder) {
	b.WriteString("\n## Faults\n\n| | fault | the cluster | as expected | inconclusive | wrong | not run | seconds | ended by itself | failure |\n" +
		"|---:|---|---|---:|---:|---:|---:|---:|---|---|\n")
	for i, f := range t.Faults {
		wrong, bounded := fmt.Sprint(f.Count(Wrong)), "yes"
		if f.Count(Wrong) > 0 {
			wrong = "**" + wrong + "**"
		}
		if !f.Bounded {
			bounded = "**no**"
		}
		fmt.Fprintf(b, "| %d | %s | %s | %d | %d | %s | %d | %.0f | %s | %s |\n", i+1, untrusted.Markdown(f.Name), untrusted.Markdown(f.Does),
			f.Count(Right), f.Count(Unsure), wrong, f.Count(Untried), f.Seconds, bounded, short(f.Failure))
	}
}

func (t *Faults) grid(b *strings.Builder) {
	signs := map[Answer]string{Right: "✓", Unsure: "?", Wrong: "✗", Untried: "–"}
	b.WriteString("\n## Claims\n\n✓ as expected, ? inconclusive, ✗ wrong, – not run. The columns are the faults above.\n\n| claim |")
	for i := range t.Faults {
		fmt.Fprintf(b, " %d |", i+1)
	}
	b.WriteString("\n|---|" + strings.Repeat(":-:|", len(t.Faults)) + "\n")
	for n, id := range t.Claims {
		fmt.Fprintf(b, "| %s |", untrusted.Markdown(id))
		for _, f := range t.Faults {
			fmt.Fprintf(b, " %s |", signs[f.Cells[n].Answer])
		}
		b.WriteString("\n")
	}
}
