package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

// limit is the timeout of one browser.
const limit = 3 * time.Minute

// The widths of the two screens for which the page is designed.
const (
	wide  = 1280
	phone = 390
)

// browser is a tab of a headless browser, with its console messages and network requests.
type browser struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	messages []string
	requests []string
}

// open starts a new browser and opens the page from the file system.
func open(t testing.TB, path string, width int) *browser {
	t.Helper()
	program := chromium(t)
	// Chromium leaves folders in the temporary directory, and a socket, whose path must be short.
	temporary, err := os.MkdirTemp("", "noteproof-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temporary) }) // after Chromium has ended
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.Env("TMPDIR=" + temporary), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Headless, chromedp.DisableGPU, chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-ipc-flooding-protection", true), // the test opens hundreds of cells quickly
		chromedp.WSURLReadTimeout(limit),
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	command(b, cdplog.Enable, cdp.Empty{})
	command(b, runtime.Enable, cdp.Empty{})
	command(b, network.Enable, network.EnableParams{})
	b.screen(width, 900)
	b.do(chromedp.Navigate(address(path)))
	return b
}

func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("THE PAGE WAS NOT TESTED: there is no Chromium on this machine; scripts/prerequisites.sh --browser installs one on Debian")
	return ""
}

// address returns the URL of a file, which may have a fragment.
func address(path string) string {
	path, fragment, _ := strings.Cut(path, "#")
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), Fragment: fragment}).String()
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.messages = append(b.messages, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.messages = append(b.messages, fmt.Sprintf("console.%s", e.Type))
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			b.messages = append(b.messages, e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file:") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.requests = append(b.requests, e.Request.URL)
		}
	}
}

// quiet fails the test if the page logged a warning or sent a request to the network.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.messages) > 0 {
		b.t.Errorf("messages on the console:\n%s", strings.Join(b.messages, "\n"))
	}
	if len(b.requests) > 0 {
		b.t.Errorf("requests to the network:\n%s", strings.Join(b.requests, "\n"))
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// command sends the browser a command of its protocol.
func command[P, R any](b *browser, c cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, c, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// look evaluates an expression in the page.
func look[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%v\nin %s", err, expression)
	}
	return value
}

// soon reports whether a condition becomes true in the page within a few seconds: the effect of an event is not immediate.
func (b *browser) soon(condition string) bool {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`new Promise(done => {
		const end = performance.now() + 5000;
		const look = () => (`+condition+`) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 5);
		look();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%v\nin %s", err, condition)
	}
	return value
}

func (b *browser) click(selector string) { b.t.Helper(); b.do(chromedp.Click(selector)) }

func (b *browser) screen(width, height int) {
	b.t.Helper()
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(width), Height: int64(height), DeviceScaleFactor: 1, Mobile: width == phone})
}

// prefer sets the preferred colour scheme.
func (b *browser) prefer(scheme string) {
	b.t.Helper()
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (b *browser) press(key string) { b.t.Helper(); b.do(chromedp.KeyEvent(key)) }

func (b *browser) reload() { b.t.Helper(); b.do(chromedp.Reload()) }

// thePage returns the path of the page under test: that in NOTEPROOF_PAGE, or else a page of the records below.
func thePage(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("NOTEPROOF_PAGE"); path != "" {
		absolute, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return absolute
	}
	text, err := report.HTML(versions(t), notes.Parse("제목\n- 컨테이너 안에 Pod이 있다\n- 동일한 Pod에서는 Container1 -> Container2로 접근할 때 localhost:8080으로 접근 가능\n"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// versions returns the sample record on five versions: unchanged, with a flip, without a cluster, and with other claims.
func versions(t testing.TB) []*evidence.Record {
	t.Helper()
	var records []*evidence.Record
	for _, version := range []string{"v1.37.2", "v1.36.4", "v1.35.7", "v1.24.17", "v1.23.17"} {
		record, err := evidence.Load("../testdata/sample.json")
		if err != nil {
			t.Fatal(err)
		}
		record.Version = version
		record.Steps = []evidence.Step{{What: "start the control plane", At: record.Started, Seconds: 40}}
		records = append(records, record)
	}
	first := records[4].Claims[0]
	first.Verdict, first.Points[0].Observed, first.Points[0].Expected = claim.Holds, claim.SawTrue, true
	records[2].Claims, records[2].Failure = nil, "the node image could not be built:\nexit status 1 "+strings.Repeat("x", 300)
	records[3].Claims = records[3].Claims[1:]
	return records
}

const (
	cellsOfMatrix = `[...document.querySelectorAll('.matrix td button, .matrix td a')]`
	visibleRows   = `[...document.querySelectorAll('tr.row')].filter(r => r.getClientRects().length)`
)

func TestCellsAreReachedByTabAndOpenedByEnter(t *testing.T) {
	b := open(t, thePage(t), wide)
	all := look[int](b, `(window.cells = `+cellsOfMatrix+`).length`)
	if all == 0 {
		t.Fatal("the matrix has no cells")
	}
	focusable := look[int](b, `document.querySelectorAll('a, button, input, summary, [tabindex="0"]').length`)
	reached := map[int]bool{}
	for range focusable + all {
		b.press(kb.Tab)
		at := look[int](b, `cells.indexOf(document.activeElement)`)
		if at < 0 || reached[at] {
			if len(reached) == all {
				break
			}
			continue
		}
		reached[at] = true
		if look[bool](b, `document.activeElement.tagName === 'A'`) { // a link to its run; tested below
			continue
		}
		b.press(kb.Enter)
		if !b.soon(`(p => p.matches(':popover-open') && p.contains(document.activeElement))(document.getElementById(cells[` + fmt.Sprint(at) + `].getAttribute('popovertarget')))`) {
			t.Errorf("Enter on cell %d does not open its panel and move the focus there", at)
		}
		b.press(kb.Escape)
		if !b.soon(`!document.querySelector(':popover-open') && document.activeElement === cells[` + fmt.Sprint(at) + `]`) {
			t.Errorf("Escape from the panel of cell %d does not return to it", at)
		}
	}
	if len(reached) != all {
		t.Errorf("Tab reaches %d of %d cells", len(reached), all)
	}
	if look[bool](b, `cells.some(c => c.tagName === 'A') && (cells.find(c => c.tagName === 'A').focus(), true)`) {
		b.press(kb.Enter)
		if !b.soon(`document.querySelector(location.hash).closest('details').open`) {
			t.Error("Enter on the cell of a version without a cluster does not open its run")
		}
	}
	b.quiet()
}

func TestArrowKeysMoveInTheMatrix(t *testing.T) {
	b := open(t, thePage(t), wide)
	look[bool](b, `(document.querySelector('.matrix td button').focus(), true)`)
	from := look[string](b, `document.activeElement.textContent`)
	b.press(kb.ArrowDown)
	down := look[string](b, `document.activeElement.textContent`)
	b.press(kb.ArrowUp)
	if back := look[string](b, `document.activeElement.textContent`); down == from || back != from {
		t.Errorf("down moves from %q to %q, up then to %q", from, down, back)
	}
}

func TestThePageFitsOnAPhone(t *testing.T) {
	b := open(t, thePage(t), phone)
	fits := func(what string) {
		t.Helper()
		if out := look[[]string](b, `(() => {
			const width = `+fmt.Sprint(phone)+`;
			if (innerWidth === width && document.documentElement.scrollWidth <= width) return [];
			return ['inner '+innerWidth+', scroll '+document.documentElement.scrollWidth, ...[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 160))];
		})()`); len(out) > 0 {
			t.Errorf("%s is wider than the screen: %s", what, strings.Join(out, "\n"))
		}
	}
	fits("the page")
	look[bool](b, `([...document.querySelectorAll('details')].forEach(d => d.open = true), true)`)
	fits("the page with everything open")
	for _, kind := range []string{"holds", "part", "refuted", "inconclusive", "notrun"} {
		if !look[bool](b, `(c => c && (c.click(), true))(document.querySelector('.matrix .v-`+kind+`')) || false`) {
			continue
		}
		if !look[bool](b, `(p => p.scrollWidth <= p.clientWidth && p.getBoundingClientRect().width <= innerWidth)(document.querySelector(':popover-open'))`) {
			t.Errorf("the panel of a verdict %s is wider than the screen", kind)
		}
		b.press(kb.Escape)
	}
	b.quiet()
}

func TestFiltersWorkWithAndWithoutScripts(t *testing.T) {
	path := thePage(t)
	for name, off := range map[string]bool{"with scripts": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			b := open(t, path, wide)
			command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
			b.reload()
			all := look[int](b, visibleRows+`.length`)
			b.click(`label:has(#topic-0)`)
			if left := look[[]string](b, visibleRows+`.map(r => r.parentElement.dataset.topic)`); len(left) == all || slices.Contains(left, "0") {
				t.Errorf("without the first topic, these of %d rows are visible: %v", all, left)
			}
			if !off {
				if shown := look[string](b, `document.querySelector('#shown').textContent`); !strings.Contains(shown, fmt.Sprintf("/ %d", all)) {
					t.Errorf("the page says %q, want the number of %d claims", shown, all)
				}
			}
			b.click(`#filters [type=reset]`)
			if left := look[int](b, visibleRows+`.length`); left != all {
				t.Errorf("Show all shows %d of %d rows", left, all)
			}
			for i, id := range look[[]string](b, `[...document.querySelectorAll('[id^=verdict-]')].map(e => e.id)`) {
				if i > 0 {
					b.click(`label:has(#` + id + `)`)
				}
			}
			if odd := look[int](b, visibleRows+`.filter(r => !r.querySelector('.cell.v-'+document.querySelector('[id^=verdict-]').id.slice(8))).length`); odd > 0 {
				t.Errorf("%d rows without the only selected verdict are visible", odd)
			}
			b.click(`#filters [type=reset]`)
			if look[bool](b, `!!document.querySelector('#version-0')`) {
				b.click(`label:has(#version-0)`)
				if look[bool](b, `[...document.querySelectorAll('.matrix [data-version="0"]')].some(c => c.getClientRects().length)`) {
					t.Error("the newest version is visible although it is not selected")
				}
			}
			if !off {
				b.quiet()
			}
		})
	}
}

func TestEveryTableShowsItsRows(t *testing.T) {
	path := flipping(t)
	for name, width := range map[string]int{"wide": wide, "phone": phone} {
		t.Run(name, func(t *testing.T) {
			b := open(t, path, width)
			look[bool](b, `([...document.querySelectorAll('main details')].forEach(d => d.open = true), true)`)
			if hidden := look[[]string](b, `[...document.querySelectorAll('main table')].flatMap(t => [...t.tBodies].flatMap(b => [...b.rows]))
				.filter(r => r.getClientRects().length === 0).map(r => r.closest('table').className + ': ' + r.textContent)`); len(hidden) > 0 {
				t.Errorf("%d rows are not visible: %s", len(hidden), hidden[0])
			}
			for _, table := range []string{"matrix", "flip", "timeline"} {
				if rows := look[int](b, `document.querySelectorAll('main table.`+table+` tbody tr').length`); rows == 0 {
					t.Errorf("no table %q has a row", table)
				}
			}
			if steps := look[int](b, `document.querySelectorAll('.timeline tr.doing').length`); steps == 0 {
				t.Error("the timeline shows no step of the run")
			}
		})
	}
}

func TestLightAndDark(t *testing.T) {
	b := open(t, thePage(t), wide)
	const sum = `getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, c) => a + +c, 0)`
	dark := func() bool { return b.soon(sum + ` < 200`) }
	light := func() bool { return b.soon(sum + ` > 600`) }
	look[bool](b, `([...document.querySelectorAll('details')].forEach(d => d.open = true), true)`)
	b.prefer("dark")
	if !dark() {
		t.Error("the page is not dark if dark is preferred")
	}
	b.readable("dark")
	b.prefer("light")
	if !light() {
		t.Error("the page is dark if light is preferred")
	}
	b.readable("light")
	b.click(`label:has(#theme-dark)`)
	if !dark() {
		t.Error("selecting Dark does not make the page dark")
	}
	b.reload()
	if !dark() {
		t.Error("the selection of Dark is lost on reload")
	}
	b.click(`label:has(#theme-light)`)
	b.prefer("dark")
	if !light() {
		t.Error("selecting Light does not make the page light if dark is preferred")
	}
	b.quiet()
}

// readable checks that all visible text has the contrast of WCAG AA, also in one panel of each verdict.
func (b *browser) readable(scheme string) {
	b.t.Helper()
	const poor = `(() => {
		const pixel = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
		const rgba = colour => { pixel.clearRect(0, 0, 1, 1); pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1); return [...pixel.getImageData(0, 0, 1, 1).data]; };
		const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4); return .2126 * x + .7152 * y + .0722 * z; };
		const ground = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 200) return c; } return [255, 255, 255]; };
		const seen = new Map();
		const walk = document.createTreeWalker(document.querySelector(':popover-open') ?? document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const e = walk.currentNode.parentElement;
			if (!walk.currentNode.data.trim() || !e.getClientRects().length || e.closest('.unseen, svg, script, style, .skip')) continue;
			const s = getComputedStyle(e), [a, c] = [light(rgba(s.color)), light(ground(e))];
			const ratio = (Math.max(a, c) + .05) / (Math.min(a, c) + .05);
			const large = parseFloat(s.fontSize) >= 24 || parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700;
			if (ratio < (large ? 3 : 4.5)) seen.set(e.tagName + '.' + e.className, ratio.toFixed(2) + ' ' + e.textContent.trim().slice(0, 40));
		}
		return [...seen].map(s => s.join(': '));
	})()`
	for _, bad := range look[[]string](b, poor) {
		b.t.Errorf("too little contrast with the scheme %s: %s", scheme, bad)
	}
	for _, kind := range []string{"holds", "part", "refuted", "inconclusive", "notrun"} {
		if !look[bool](b, `(c => c && (c.click(), true))(document.querySelector('.matrix .v-`+kind+`')) || false`) {
			continue
		}
		for _, bad := range look[[]string](b, poor) {
			b.t.Errorf("too little contrast in the panel of %s with the scheme %s: %s", kind, scheme, bad)
		}
		b.press(kb.Escape)
	}
}

// TestPictures takes pictures of the page on both screens and writes them to the folder NOTEPROOF_PICTURES, if that is set.
// README.md contains report-wide.png and report-phone.png.
func TestPictures(t *testing.T) {
	path, dir := thePage(t), os.Getenv("NOTEPROOF_PICTURES")
	for _, shot := range []struct {
		name, scheme, show string
		width, height      int
	}{
		{"wide", "light", `scrollTo(0, 0)`, wide, 1000},
		{"wide-dark", "dark", `scrollTo(0, 0)`, wide, 1000},
		{"report-wide", "light", `document.querySelector('#matrix')?.scrollIntoView()`, wide, 1000},
		{"matrix-dark", "dark", `document.querySelector('#matrix')?.scrollIntoView()`, wide, 1000},
		{"panel", "light", `document.querySelector('.matrix .v-part, .matrix .v-refuted')?.click()`, wide, 1000},
		{"notes", "light", `document.querySelector('#notes')?.scrollIntoView()`, wide, 1000},
		{"runs", "light", `document.querySelector('#runs').scrollIntoView()`, wide, 1300},
		{"phone", "dark", `scrollTo(0, 0)`, phone, 844},
		{"phone-matrix", "dark", `document.querySelector('.scroll')?.scrollIntoView()`, phone, 844},
		{"phone-panel", "light", `document.querySelector('.matrix .v-part, .matrix .v-refuted')?.click()`, phone, 844},
		{"report-phone", "dark", `document.querySelector('#notes')?.scrollIntoView()`, phone, 844},
		{"phone-runs", "light", `document.querySelector('#runs').scrollIntoView()`, phone, 844},
	} {
		if dir == "" && !strings.HasPrefix(shot.name, "report-") {
			continue
		}
		b := open(t, path, shot.width)
		b.screen(shot.width, shot.height)
		b.prefer(shot.scheme)
		look[bool](b, `(`+shot.show+`, true)`)
		picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if len(picture) < 10_000 {
			t.Errorf("the picture %s has %d bytes; is the page empty?", shot.name, len(picture))
		}
		if dir != "" {
			if err := os.WriteFile(filepath.Join(dir, shot.name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		b.quiet()
	}
}
