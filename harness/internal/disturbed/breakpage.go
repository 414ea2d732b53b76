package disturbed

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// longestReason limits the characters of a reason on a page. The records contain the whole reason.
const longestReason = 300

// Markdown renders the table as a page for GitHub.
func (t *Breaks) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Breaks of the cluster on Kubernetes %s\n\n", untrusted.Markdown(t.Version))
	b.WriteString("Each break takes one mechanism away from a cluster. The points that depend on the mechanism must turn, " +
		"that is, come out other than expected, and no others.\n\n")
	head(&b, len(t.Breaks), t.Planned, "breaks", t.Began, t.Finished, t.Chosen)
	withPoints := 0
	for _, row := range t.Breaks {
		if len(row.Expected) > 0 {
			withPoints++
		}
	}
	fmt.Fprintf(&b, "Exactly the dependent points turned under %d of the %d breaks on which a point depends. At least one break turns %d of %d points.\n",
		t.Exact, withPoints, t.Turned, t.Points)
	problems(&b, t.Problems())
	t.list(&b)
	t.grid(&b)
	t.details(&b)
	t.never(&b)
	return b.String()
}

// head writes how many disturbances were tried, when, and on which claims.
func head(b *strings.Builder, tried, planned int, what string, began, finished time.Time, chosen string) {
	fmt.Fprintf(b, "%d of %d %s tried; begun %s UTC", tried, planned, what, began.UTC().Format(time.DateTime))
	if finished.IsZero() {
		b.WriteString(", not finished")
	}
	b.WriteString(".\n")
	if chosen != "" {
		fmt.Fprintf(b, "Only the claims that match %s were run.\n", untrusted.Markdown(chosen))
	}
}

func problems(b *strings.Builder, all []string) {
	if len(all) > 0 {
		b.WriteString("\n")
	}
	for _, problem := range all {
		fmt.Fprintf(b, "- **%s**\n", problem)
	}
}

func (t *Breaks) list(b *strings.Builder) {
	b.WriteString("\n## Breaks\n\n| | break | the cluster | turned, of those expected | wrong | seconds | failure |\n|---:|---|---|---:|---:|---:|---|\n")
	for i, row := range t.Breaks {
		wrong, score := "", fmt.Sprintf("%d of %d", row.Score(), len(row.Expected))
		if len(row.Wrong) > 0 {
			wrong = fmt.Sprintf("**%d**", len(row.Wrong))
		}
		if row.Score() < len(row.Expected) {
			score = "**" + score + "**"
		}
		fmt.Fprintf(b, "| %d | %s | %s | %s | %s | %.0f | %s |\n", i+1, untrusted.Markdown(row.Name), untrusted.Markdown(row.Does),
			score, wrong, row.Seconds, short(row.Failure))
	}
}

// breakLegend explains the signs of the grid.
const breakLegend = "● turned as expected, ≈ turned and may, ! did not turn although expected, ✗ turned and must not, " +
	"· stayed, ? inconclusive, – not run"

func (t *Breaks) grid(b *strings.Builder) {
	b.WriteString("\n## Claims\n\n" + breakLegend + ". The columns are the breaks above.\n\n| claim |")
	for i := range t.Breaks {
		fmt.Fprintf(b, " %d |", i+1)
	}
	b.WriteString("\n|---|" + strings.Repeat(":-:|", len(t.Breaks)) + "\n")
	for n, id := range t.Claims {
		fmt.Fprintf(b, "| %s |", untrusted.Markdown(id))
		for _, row := range t.Breaks {
			fmt.Fprintf(b, " %s |", row.sign(id, row.Cells[n]))
		}
		b.WriteString("\n")
	}
}

// sign returns the sign of a claim under the break; if several apply, the most important one.
func (row BreakRow) sign(id string, c Cell) string {
	ofClaim := func(refs []evidence.PointRef) bool {
		return slices.ContainsFunc(refs, func(r evidence.PointRef) bool { return r.Claim == id })
	}
	missed := slices.ContainsFunc(row.Expected, func(e ExpectedPoint) bool { return e.Claim == id && !e.Turned })
	expected := slices.ContainsFunc(row.Expected, func(e ExpectedPoint) bool { return e.Claim == id && e.Turned })
	switch {
	case ofClaim(row.Wrong):
		return "✗"
	case missed:
		return "!"
	case expected:
		return "●"
	case ofClaim(row.Tolerated):
		return "≈"
	case c.Outcome == Inconclusive:
		return "?"
	case c.Outcome == NotRun:
		return "–"
	default:
		return "·"
	}
}

// details lists, for each break, the points and reasons behind the signs.
func (t *Breaks) details(b *strings.Builder) {
	for _, row := range t.Breaks {
		var lines []string
		line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
		for _, ref := range row.Wrong {
			line("**turned and must not**: %s", point(ref))
		}
		for _, e := range row.Expected {
			if !e.Turned {
				line("**did not turn**: %s: %s", point(evidence.PointRef{Claim: e.Claim, Point: e.Point}), short(e.Became))
			}
		}
		for _, ref := range row.Tolerated {
			line("turned and may: %s: %s", point(ref), short(ref.Why))
		}
		for n, c := range row.Cells {
			if c.Outcome == Inconclusive {
				line("inconclusive: %s: %s", untrusted.Markdown(t.Claims[n]), short(c.Reason))
			}
		}
		for _, e := range row.Expected {
			if e.Turned {
				line("turned as expected: %s", point(evidence.PointRef{Claim: e.Claim, Point: e.Point}))
			}
		}
		fold(b, row.Name, lines)
	}
}

// fold writes a collapsed list.
func fold(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n", untrusted.Markdown(title))
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", line)
	}
	b.WriteString("\n</details>\n")
}

func (t *Breaks) never(b *strings.Builder) {
	if len(t.Never) == 0 {
		return
	}
	b.WriteString("\n## Points that no break turns\n\n| claim | point | why |\n|---|---|---|\n")
	for _, ref := range t.Never {
		why := "**no reason is given**"
		if ref.Why != "" {
			why = untrusted.Markdown(ref.Why)
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", untrusted.Markdown(ref.Claim), untrusted.Markdown(ref.Point), why)
	}
}

func point(ref evidence.PointRef) string {
	return fmt.Sprintf("%s, “%s”", untrusted.Markdown(ref.Claim), untrusted.Markdown(ref.Point))
}

func short(text string) string { return untrusted.Markdown(untrusted.Short(text, longestReason)) }
