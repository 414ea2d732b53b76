package report

import (
	"fmt"
	"html"
	"unicode/utf8"

	"github.com/noteproof/noteproof/harness/evidence"
)

// badgeFile is an image for a README that summarizes the page in the same folder.
const badgeFile = "badge.svg"

// badge summarizes several records as an SVG image: how many claims were answered, counted once for each record, and how many of
// them drifted.
func badge(records []*evidence.Record) []byte {
	answered, drifted, open := 0, 0, 0
	for _, record := range records {
		for _, c := range record.Claims {
			switch {
			case c.Drift:
				drifted++
				answered++
			case c.Settled():
				answered++
			case c.Failed():
				open++
			}
		}
	}
	says, colour := fmt.Sprintf("%d as expected", answered), "#1a7f37"
	switch {
	case drifted > 0:
		says, colour = fmt.Sprintf("%d of %d drifted", drifted, answered), "#b42318"
	case open > 0:
		says, colour = fmt.Sprintf("%d as expected, %d inconclusive", answered, open), "#7a5c00"
	case answered == 0:
		says, colour = "nothing answered", "#57606a"
	}
	const name = "notes"
	left, right := badgeWidth(name), badgeWidth(says)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" role="img" aria-label="%[2]s: %[3]s">
<title>%[2]s: %[3]s</title>
<clipPath id="round"><rect width="%[1]d" height="20" rx="4"/></clipPath>
<g clip-path="url(#round)"><rect width="%[4]d" height="20" fill="#444"/><rect x="%[4]d" width="%[5]d" height="20" fill="%[6]s"/></g>
<g fill="#fff" font-family="system-ui, sans-serif" font-size="11" text-anchor="middle"><text x="%[7]d" y="14">%[2]s</text><text x="%[8]d" y="14">%[3]s</text></g>
</svg>
`, left+right, html.EscapeString(name), html.EscapeString(says), left, right, colour, left/2, left+right/2)
}

// badgeWidth returns a width in pixels that suffices for a text of 11 pixels with margins in any common font.
func badgeWidth(text string) int { return 7*utf8.RuneCountInString(text) + 12 }
