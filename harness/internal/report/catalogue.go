package report

import (
	"fmt"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// Catalogue renders the declarations of all claims, without the results of any run: the quote, the expectations of the points by
// version, the needs, and the correction.
func Catalogue(claims []claim.Claim) string {
	var b strings.Builder
	b.WriteString("# The claims\n\nMade by `go test -args -catalogue` in this folder; `noteproof check` fails while it is out of date.\n\n")
	b.WriteString("| claim | the notes say | points, as expected |\n|---|---|---|\n")
	for _, c := range claims {
		points := make([]string, len(c.Points))
		for i, p := range c.Points {
			points[i] = fmt.Sprintf("%s: **%s**", untrusted.Markdown(p.Says), p.Expect)
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", c.ID, anchor(c.ID), untrusted.Markdown(oneLine(c.Quote)), strings.Join(points, "<br>"))
	}
	for _, c := range claims {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", c.ID, untrusted.Fence("", c.Quote))
		for _, p := range c.Points {
			fmt.Fprintf(&b, "- %s: **%s**", untrusted.Markdown(p.Says), p.Expect)
			if p.SaysKO != "" {
				fmt.Fprintf(&b, "<br>%s", untrusted.Markdown(p.SaysKO))
			}
			b.WriteString("\n")
		}
		if c.Correction.EN != "" {
			fmt.Fprintf(&b, "\nRather: %s\n", untrusted.Markdown(c.Correction.EN))
		}
		if c.Correction.KO != "" {
			fmt.Fprintf(&b, "\n정정: %s\n", untrusted.Markdown(c.Correction.KO))
		}
		if c.Remark.EN != "" {
			fmt.Fprintf(&b, "\nNote: %s\n", untrusted.Markdown(c.Remark.EN))
		}
		if c.Remark.KO != "" {
			fmt.Fprintf(&b, "\n참고: %s\n", untrusted.Markdown(c.Remark.KO))
		}
		if needs := needsOf(c); needs != "" {
			fmt.Fprintf(&b, "\nNeeds %s.\n", needs)
		}
	}
	return b.String()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// anchor returns the link target that Markdown viewers derive from a heading: they drop all but letters, digits and dashes.
func anchor(id string) string { return strings.ReplaceAll(id, ".", "") }

func needsOf(c claim.Claim) string {
	var words []string
	for _, need := range c.Needs {
		words = append(words, string(need))
	}
	if c.Alone {
		words = append(words, "to run alone")
	}
	return strings.Join(words, ", ")
}
