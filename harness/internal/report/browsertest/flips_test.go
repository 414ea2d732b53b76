package browsertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
)

// flipping returns the path of a page with two flips: one between two versions, and one since the previous run of the newer.
func flipping(t *testing.T) string {
	t.Helper()
	records := versions(t)
	newest := records[0].Claims[3]
	before := newest.Points[1]
	before.Observed = claim.SawTrue
	newest.Flip = &evidence.Flip{
		Version: "v1.37.2", Started: time.Date(2026, 2, 2, 4, 5, 6, 0, time.UTC), Verdict: claim.InPart, Expected: claim.InPart,
		Turn: evidence.Away, Points: []evidence.Point{before},
	}
	text, err := report.HTML([]*evidence.Record{records[0], records[4]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlipsComeFirstAndAreReachedByKeyboard(t *testing.T) {
	path := flipping(t)
	for name, width := range map[string]int{"wide": wide, "phone": phone} {
		t.Run(name, func(t *testing.T) {
			b := open(t, path, width)
			look[bool](b, `(window.flips = [...document.querySelectorAll('#first .card')].filter(c => c.querySelector('table.flip')), true)`)
			if got := look[int](b, `flips.filter(c => c.getClientRects().length).length`); got != 1 {
				t.Fatalf("%d flips are visible, want the one between runs", got)
			}
			if said := look[string](b, `document.querySelector('#first .since').innerText`); !strings.Contains(said, "Between 1.23 and 1.37") || !strings.Contains(said, "no longer true") {
				t.Errorf("what changed between the versions is said as %q", said)
			}
			if !look[bool](b, `document.querySelector('#first .card') === flips[0] && /since the previous run/.test(flips[0].innerText)`) {
				t.Error("the flip since the previous run is not first")
			}
			if wider := look[int](b, `flips.filter(c => c.scrollWidth > c.clientWidth || c.getBoundingClientRect().right > innerWidth).length`); wider > 0 {
				t.Errorf("%d flips are wider than the screen", wider)
			}
			reached := false
			for range 40 {
				b.press(kb.Tab)
				if reached = look[bool](b, `flips[0].contains(document.activeElement)`); reached {
					break
				}
			}
			if !reached {
				t.Fatal("Tab does not reach the evidence of the flip")
			}
			b.press(kb.Enter)
			if !b.soon(`document.querySelector(':popover-open .before')?.getClientRects().length > 0`) {
				t.Error("Enter does not open the old evidence")
			}
			if !look[bool](b, `(p => p.scrollWidth <= p.clientWidth)(document.querySelector(':popover-open'))`) {
				t.Error("the panel is wider than the screen")
			}
			b.press(kb.Escape)
			if !b.soon(`!document.querySelector(':popover-open') && flips[0].contains(document.activeElement)`) {
				t.Error("Escape does not return to the flip")
			}
			b.quiet()
		})
	}
	b := open(t, path, wide)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer(scheme)
		b.readable(scheme)
	}
}
