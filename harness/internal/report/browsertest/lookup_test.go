package browsertest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/performance"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

// written returns the path of a page on records.
func written(t *testing.T, lecture string, records ...*evidence.Record) string {
	t.Helper()
	var parsed *notes.Notes
	if lecture != "" {
		parsed = notes.Parse(lecture)
	}
	text, err := report.HTML(records, parsed)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const koreanNotes = "제목\n- 컨테이너 안에 Pod이 있다\n"

func TestTheLanguageIsSwitchedAndRemembered(t *testing.T) {
	path := written(t, koreanNotes, versions(t)...)
	const heading = `document.querySelector('#matrix-title').innerText`
	for name, off := range map[string]bool{"with scripts": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			b := open(t, path, wide)
			command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
			b.reload()
			if got := look[string](b, heading); got != "주장과 버전" {
				t.Errorf("notes in Korean open with the heading %q", got)
			}
			b.click(`label:has(#lang-en)`)
			if got := look[string](b, heading); got != "Claims and versions" {
				t.Errorf("in English the heading is %q", got)
			}
			if off {
				return
			}
			if got := look[string](b, `document.documentElement.lang`); got != "en" {
				t.Errorf("the language of the document is %q", got)
			}
			b.reload()
			if got := look[string](b, heading); got != "Claims and versions" {
				t.Errorf("after a reload the heading is %q", got)
			}
			b.quiet()
		})
	}
}

func TestALinkOpensTheEvidenceOfItsVersion(t *testing.T) {
	records := versions(t)
	records[1].Variant = "dual-stack" // of v1.36.4
	path := written(t, koreanNotes, records...)
	id := records[0].Claims[1].ID
	for _, hash := range []string{id + "@v1.37", id + "@v1.36+dual-stack", id + "@v1.23"} {
		b := open(t, path+"#"+hash, wide)
		if !b.soon(`(e => e && e.closest('[popover]').matches(':popover-open') && e.closest('details').open && e.getClientRects().length > 0)(document.getElementById('` + hash + `'))`) {
			t.Errorf("#%s does not open its evidence", hash)
		}
		if got := look[string](b, `decodeURIComponent(location.hash)`); got != "#"+hash {
			t.Errorf("the address became %q, want #%s", got, hash)
		}
		b.quiet()
	}
	b := open(t, path, wide)
	b.click(`td[data-version="4"] [popovertarget]`)
	if !b.soon(`/@v1\.23$/.test(location.hash)`) {
		t.Errorf("a cell of v1.23 leads to the address %q", look[string](b, `location.hash`))
	}
}

func TestSearchAndComparison(t *testing.T) {
	records := versions(t)
	b := open(t, written(t, koreanNotes, records[0], records[4]), wide)
	visible := func() []string { return look[[]string](b, visibleRows+`.map(r => r.id)`) }
	all := visible()
	input := func(selector, value string) {
		look[bool](b, `(e => (e.value = '`+value+`', e.dispatchEvent(new Event('input', {bubbles: true})), e.dispatchEvent(new Event('change', {bubbles: true})), true))(document.querySelector('`+selector+`'))`)
	}
	want := records[0].Claims[2].ID
	input("#search", want)
	if left := visible(); !slices.Equal(left, []string{want}) {
		t.Errorf("the search for an ID shows %v", left)
	}
	input("#search", "")
	input("#compare-a", "0")
	input("#compare-b", "1")
	if left := visible(); !slices.Equal(left, []string{records[0].Claims[0].ID}) {
		t.Errorf("the comparison shows %v, want only the claim whose answer differs", left)
	}
	b.click(`#filters [type=reset]`)
	if !b.soon(visibleRows + `.length === ` + "document.querySelectorAll('tr.row').length") {
		t.Errorf("Show all shows %d of %d rows", len(visible()), len(all))
	}
	b.quiet()
}

// BenchmarkOpen measures how long a browser takes until the page is loaded and laid out: by the clock, and of a processor, which does
// not depend on what else runs on the machine. NOTEPROOF_PAGE names the page. One as large as is foreseen is written by
// NOTEPROOF_LARGE_PAGE=path go test ./harness/internal/report -run ALargePage.
func BenchmarkOpen(b *testing.B) {
	tab := open(b, thePage(b), wide)
	command(tab, performance.Enable, performance.EnableParams{TimeDomain: "threadTicks"})
	clock, processor := 0.0, 0.0
	for b.Loop() {
		tab.reload()
		clock += look[float64](tab, `(document.body.offsetHeight, performance.now())`)
		for _, metric := range command(tab, performance.GetMetrics, cdp.Empty{}).Metrics {
			if metric.Name == "ThreadTime" {
				processor += metric.Value
			}
		}
	}
	b.ReportMetric(clock/float64(b.N), "ms/open")
	b.ReportMetric(1000*processor/float64(b.N), "cpu-ms/open")
}
