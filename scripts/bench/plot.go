//go:build linux

package main

import (
	"fmt"
	"html"
	"strings"
)

// The plot's measures, in pixels.
const (
	plotWidth  = 1000
	labelWidth = 330
	lineHeight = 18
)

// plot returns an SVG of the chain of each run: one bar for each link, on one time axis.
func plot(r result) string {
	longest, lines := 1.0, 1
	for _, m := range r.Runs {
		lines += len(m.Chain) + 2
		for _, l := range m.Chain {
			longest = max(longest, l.At+l.Seconds)
		}
	}
	var b strings.Builder
	height := lines * lineHeight
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", plotWidth, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", plotWidth, height)
	y := lineHeight
	perSecond := float64(plotWidth-labelWidth-60) / longest
	for _, m := range r.Runs {
		fmt.Fprintf(&b, `<text x="4" y="%d" font-weight="bold">%s: %.0f s</text>`+"\n", y, html.EscapeString(m.Kind), m.Suite)
		y += lineHeight
		for _, l := range m.Chain {
			x := labelWidth + l.At*perSecond
			fmt.Fprintf(&b, `<text x="4" y="%d">%s</text><rect x="%.1f" y="%d" width="%.1f" height="12" fill="#3b6ea5"/><text x="%.1f" y="%d">%.0f s</text>`+"\n",
				y, html.EscapeString(short(l.What)), x, y-11, max(l.Seconds*perSecond, 1), x+max(l.Seconds*perSecond, 1)+4, y, l.Seconds)
			y += lineHeight
		}
		y += lineHeight
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// short cuts a text to what fits beside the bars.
func short(text string) string {
	const most = 48
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
