package browsertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe returns the source of axe-core, which scripts/prerequisites.sh --browser puts into the cache.
func axe(t *testing.T) string {
	t.Helper()
	path := os.Getenv("NOTEPROOF_AXE")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(cache, "noteproof", "axe-core-4.14.1.js")
	}
	source, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skipf("THE PAGE WAS NOT TESTED WITH AXE: %s does not exist; scripts/prerequisites.sh --browser gets it where there is npm", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func TestAxeFindsNothing(t *testing.T) {
	source, path := axe(t), thePage(t)
	for _, shot := range []struct {
		name, scheme, show string
		width              int
	}{
		{"wide", "light", `scrollTo(0, 0)`, wide},
		{"in the other language", "dark", `document.querySelector('[name=lang]:not(:checked)')?.click()`, wide},
		{"with everything open", "light", `[...document.querySelectorAll('main details')].forEach(d => d.open = true)`, wide},
		{"panel", "light", `document.querySelector('.matrix .v-part, .matrix .v-refuted')?.click()`, wide},
		{"panel with everything open", "dark", `(document.querySelector('.matrix .v-part, .matrix .v-refuted')?.click(), [...document.querySelectorAll('[popover] details')].forEach(d => d.open = true))`, wide},
		{"phone", "light", `scrollTo(0, 0)`, phone},
	} {
		t.Run(shot.name, func(t *testing.T) {
			b := open(t, path, shot.width)
			b.prefer(shot.scheme)
			look[bool](b, `(`+shot.show+`, true)`)
			look[bool](b, source+`; true`)
			violations, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ['violations']}).then(r =>
				r.violations.flatMap(v => v.nodes.slice(0, 3).map(n => v.id + ': ' + n.target.join(' ') + ': ' + n.failureSummary)))`, chromedp.EvalAwaitPromise))
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range violations {
				t.Error(v)
			}
		})
	}
}
