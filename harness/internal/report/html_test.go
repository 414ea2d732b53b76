package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/semver"
	"golang.org/x/net/html"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

// page is a parsed page.
type page struct {
	text string
	root *html.Node
}

func render(t *testing.T, lecture *notes.Notes, records ...*evidence.Record) page {
	t.Helper()
	text, err := report.HTML(records, lecture)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return page{string(text), root}
}

// all returns the elements that satisfy a condition.
func (p page) all(is func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func tag(name string) func(*html.Node) bool { return func(n *html.Node) bool { return n.Data == name } }

func class(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(strings.Fields(attr(n, "class")), name) }
}

// words returns the text of an element as the page shows it in English.
func words(n *html.Node) string { return said(n, "en") }

// said returns the text of an element as the page shows it in a language.
func said(n *html.Node, language string) string {
	var b strings.Builder
	for d := range n.Descendants() {
		hidden := d.Parent.Data == "i" && attr(d.Parent, "lang") != "" && attr(d.Parent, "lang") != language
		if d.Type == html.TextNode && !hidden {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// on returns the sample record on another version.
func on(t *testing.T, version string, change func(*evidence.Record)) *evidence.Record {
	t.Helper()
	record := sample(t)
	record.Version = version
	if change != nil {
		change(record)
	}
	return record
}

func TestHTMLShowsEveryClaimOnEveryVersion(t *testing.T) {
	p := render(t, nil,
		on(t, "v1.9.11", nil),
		on(t, "v1.37.2", nil),
		on(t, "v1.36.0", func(r *evidence.Record) { r.Claims, r.Failure = nil, "it could not be built" }),
		on(t, "v1.35.1", func(r *evidence.Record) { r.Claims = r.Claims[1:] }))
	matrix := p.all(class("matrix"))[0]
	var versions []string
	rows := 0
	for n := range matrix.Descendants() {
		if n.Data == "th" && attr(n, "scope") == "col" && attr(n, "data-version") != "" {
			versions = append(versions, strings.Fields(words(n))[0])
		}
		if n.Type == html.ElementNode && class("row")(n) {
			rows++
		}
	}
	if want := []string{"v1.37.2", "v1.36.0", "v1.35.1", "v1.9.11"}; !slices.Equal(versions, want) {
		t.Errorf("columns %v, want %v", versions, want)
	}
	if want := len(sample(t).Claims); rows != want {
		t.Errorf("%d rows, want %d", rows, want)
	}
	panels := map[string]string{}
	for _, n := range p.all(class("panel")) {
		panels[attr(n, "id")] = words(n)
	}
	if want := len(sample(t).Claims); len(panels) != want {
		t.Errorf("%d panels, want %d", len(panels), want)
	}
	for _, n := range p.all(func(n *html.Node) bool { return attr(n, "popovertarget") != "" }) {
		if panels[attr(n, "popovertarget")] == "" {
			t.Errorf("%q opens %q, which does not exist", words(n), attr(n, "popovertarget"))
		}
	}
	for _, c := range sample(t).Claims {
		for _, want := range []string{c.ID, strings.Join(strings.Fields(c.Reproduce), " ")} {
			if !slices.ContainsFunc(slices.Collect(values(panels)), func(text string) bool { return strings.Contains(text, want) }) {
				t.Errorf("no panel holds %q", want)
			}
		}
	}
	if got := len(p.all(func(n *html.Node) bool { return attr(n, "href") == "#run-1" && class("cell")(n) })); got != len(sample(t).Claims) {
		t.Errorf("%d cells link to the failed run, want all of its column", got)
	}
	for _, want := range []string{"it could not be built", "not in this record"} {
		if !strings.Contains(words(p.root), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestHTMLShowsARunWithoutAClusterAtItsWantedVersion(t *testing.T) {
	p := render(t, nil, on(t, "v1.37.2", nil), on(t, "v1.23.17", nil), &evidence.Record{Wanted: "v1.25.16", Failure: "no node image"})
	var versions []string
	for _, n := range p.all(func(n *html.Node) bool { return n.Data == "th" && attr(n, "data-version") != "" }) {
		versions = append(versions, words(n))
	}
	if len(versions) != 3 || versions[1] != "v1.25.16, no cluster" {
		t.Errorf("columns %q, want v1.25.16 without a cluster in the middle", versions)
	}
	if title := words(p.all(tag("h1"))[0]); title != "Kubernetes v1.23.17 – v1.37.2" {
		t.Errorf("the title is %q", title)
	}
}

func TestHTMLShowsManyVersionsAsSigns(t *testing.T) {
	narrow := func(records ...*evidence.Record) bool { return len(render(t, nil, records...).all(class("many"))) > 0 }
	var records []*evidence.Record
	for n := range 5 {
		records = append(records, on(t, fmt.Sprintf("v1.%d.0", 30+n), nil))
	}
	if narrow(records...) {
		t.Errorf("%d versions are shown as signs, want words", len(records))
	}
	records = append(records, on(t, "v1.29.15", nil))
	if !narrow(records...) {
		t.Errorf("%d versions are shown in words, want signs", len(records))
	}
	for _, cell := range render(t, nil, records...).all(func(n *html.Node) bool { return n.Data == "button" && class("cell")(n) }) {
		for _, language := range []string{"en", "ko"} {
			if said(cell, language) == "" {
				t.Errorf("a cell has no name in the language %s", language)
			}
		}
	}
}

func TestHTMLDistinguishesClustersOfOneVersion(t *testing.T) {
	p := render(t, nil, on(t, "v1.37.2", nil), on(t, "v1.36.0", nil), on(t, "v1.37.2", func(r *evidence.Record) { r.Environment.Cluster = "team" }))
	var versions []string
	for _, n := range p.all(func(n *html.Node) bool { return n.Data == "th" && attr(n, "data-version") != "" }) {
		versions = append(versions, words(n.FirstChild))
	}
	if want := []string{"v1.37.2, noteproof-v1-37-2", "v1.37.2, team", "v1.36.0"}; !slices.Equal(versions, want) {
		t.Errorf("columns %q, want %q", versions, want)
	}
	if title := words(p.all(tag("h1"))[0]); title != "Kubernetes v1.36.0 – v1.37.2" {
		t.Errorf("the title is %q", title)
	}
}

func values(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

func TestHTMLReportsFlipsFirst(t *testing.T) {
	older := on(t, "v1.23.17", func(r *evidence.Record) {
		c := r.Claims[0]
		c.Verdict, c.Expected = claim.Holds, claim.Holds
		c.Points[0].Observed, c.Points[0].Expected = claim.SawTrue, true
		c.Points[0].Evidence[0].Truth, c.Points[0].Evidence[0].Saw = claim.SawTrue, "the old evidence"
	})
	unseen := on(t, "v1.24.0", func(r *evidence.Record) { r.Claims[0].Points[0].Observed = claim.Nothing })
	p := render(t, nil, older, unseen, on(t, "v1.25.0", nil))
	flips := p.all(class("flip"))
	if len(flips) != 1 {
		t.Fatalf("%d flips, want one, across the version that observed nothing", len(flips))
	}
	text := words(flips[0])
	for _, want := range []string{"v1.23.17", "v1.25.0", "the old evidence", "one UID, two container IDs", "holds", "refuted"} {
		if !strings.Contains(text, want) {
			t.Errorf("the flip does not show %q: %s", want, text)
		}
	}
	if strings.Index(p.text, `class="flip"`) > strings.Index(p.text, `<table class="matrix"`) {
		t.Error("the matrix precedes the flip")
	}
	if same := render(t, nil, on(t, "v1.24.0", nil), on(t, "v1.25.0", nil)); len(same.all(class("flip"))) > 0 {
		t.Error("a flip between two versions with the same results")
	}
}

func TestHTMLAnnotatesNotesInTheirOwnLanguage(t *testing.T) {
	record := sample(t)
	record.Claims = record.Claims[:1]
	record.Claims[0].Quote = "A Pod lives inside a container."
	p := render(t, notes.Parse("A Pod lives inside a container.\n"), record)
	section := p.all(func(n *html.Node) bool { return attr(n, "id") == "notes" })
	if page := p.all(tag("html"))[0]; len(section) != 1 || attr(page, "lang") != "en" {
		t.Fatalf("the page is in the language %q, with %d sections of notes", attr(page, "lang"), len(section))
	}
	for _, want := range []string{"A Pod lives inside a container. refuted", "Rather Containers live inside a Pod."} {
		if text := words(section[0]); !strings.Contains(text, want) {
			t.Errorf("the notes lack %q:\n%s", want, text)
		}
	}
}

func TestHTMLAnnotatesTheNotes(t *testing.T) {
	lecture := notes.Parse("제목\n- 컨테이너 안에 Pod이 있다\n- 아무도 답하지 않는 줄\n")
	p := render(t, lecture, sample(t))
	var passages []string
	for _, n := range p.all(class("passage")) {
		passages = append(passages, said(n, "ko"))
	}
	all := strings.Join(passages, "\n")
	for _, want := range []string{"제목", "컨테이너 안에 Pod이 있다 틀림", "정정 Pod 안에 컨테이너가 있다.", "아무도 답하지 않는 줄"} {
		if !strings.Contains(all, want) {
			t.Errorf("the notes lack %q:\n%s", want, all)
		}
	}
	if want := len(sample(t).Claims) + 2; len(passages) != want {
		t.Errorf("%d passages, want %d: the three lines, and one for each quote that is not in the notes", len(passages), want)
	}
	if len(render(t, nil, sample(t)).all(class("passage"))) > 0 {
		t.Error("a page without notes has passages")
	}
}

func TestHTMLHasStableIDs(t *testing.T) {
	newer, older, adopted := sample(t), on(t, "v1.36.0", nil), on(t, "v1.36.9", nil)
	variant := on(t, "v1.36.9", func(r *evidence.Record) { r.Variant = "dual-stack" })
	p := render(t, nil, newer, older, adopted, variant)
	id := newer.Claims[0].ID
	ids := map[string]string{}
	for n := range p.root.Descendants() {
		if at := attr(n, "id"); at != "" {
			if ids[at] != "" {
				t.Errorf("two elements have the ID %q", at)
			}
			ids[at] = n.Data
		}
	}
	if ids[id] != "tr" {
		t.Errorf("no row has the ID %q: %v", id, ids[id])
	}
	for _, want := range []string{id + "@" + semver.MajorMinor(newer.Version), id + "@v1.36", id + "@v1.36+dual-stack"} {
		if ids[want] != "div" {
			t.Errorf("no evidence has the ID %q", want)
		}
	}
}

func TestHTMLRendersMarkdown(t *testing.T) {
	record := sample(t)
	record.Claims = record.Claims[:2]
	record.Claims[0].Quote, record.Claims[1].Quote = "A Pod lives inside a container", "a row"
	p := render(t, notes.Parse("# Pods\n\n- A **Pod** lives inside a container\n- more\n\n| a | row |\n|---|---|\n| 1 | 2 |\n\n"+hostile+"\n"), record)
	section := p.all(func(n *html.Node) bool { return attr(n, "id") == "notes" })[0]
	text := words(section)
	for _, want := range []string{"Pods A Pod lives inside a container refuted", "Rather Containers live inside a Pod. more a row 1 2 ", "a row", "alert(1)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the notes lack %q:\n%s", want, text)
		}
	}
	within := map[string]string{"strong": "Pod", "th": "a", "h3": "Pods", "q": "a row"}
	for n := range section.Descendants() {
		if want, ok := within[n.Data]; ok && words(n) == want {
			delete(within, n.Data)
		}
		if n.Data == "script" || n.Data == "img" || n.Data == "style" {
			t.Errorf("the page contains HTML of the notes: <%s>", n.Data)
		}
		if n.Data == "div" && attr(n, "class") == "answers" && attr(n.Parent, "class") != "notes woven" && n.Parent.Data != "li" {
			t.Errorf("an answer is in a <%s>, want it in the list item or below the table", n.Parent.Data)
		}
	}
	if len(within) > 0 {
		t.Errorf("these elements are missing: %v", within)
	}
}

// hostile tries to inject a script, to break out of an attribute, to colour a terminal and to change the direction of text.
const hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onclick=\"alert(3)\" x='</style>`{{.}}\x1b[31m\x1b]0;owned\x07\u202Egnp.exe\u2066\x00javascript:alert(4)"

// inject prepends the hostile text to every string that v contains.
func inject(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile + v.String())
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		inject(v.Elem())
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			inject(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			inject(v.Field(i))
		}
	}
}

func TestHTMLEscapesHostileText(t *testing.T) {
	flipped := sample(t)
	for _, c := range flipped.Claims {
		for i := range c.Points {
			c.Points[i].Observed = claim.Saw(c.Points[i].Observed != claim.SawTrue)
		}
	}
	records := []*evidence.Record{sample(t), flipped}
	for i, r := range records {
		inject(reflect.ValueOf(r).Elem())
		r.Claims[0].Verdict = claim.Refuted // so that its correction is shown
		r.Claims[1].Drift = true
		r.Version = fmt.Sprintf("v1.3%d.0", i) + hostile
	}
	p := render(t, notes.Parse(hostile+"\n"+records[0].Claims[0].Quote), records...)
	if got := len(p.all(tag("script"))); got != 1 {
		t.Errorf("%d scripts, want only the page's own", got)
	}
	if got := len(p.all(tag("style"))); got != 2 {
		t.Errorf("%d styles, want only the two of the page", got)
	}
	if got := p.all(tag("img")); len(got) > 0 {
		t.Error("the page contains an image")
	}
	known := []string{"id", "href", "class", "lang", "scope", "for"}
	for n := range p.root.Descendants() {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if slices.Contains(known, a.Key) && strings.Contains(a.Val, "alert") {
				t.Errorf("the hostile text is in <%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "data:image/svg+xml,") {
				t.Errorf("an external link: %q", a.Val)
			}
		}
	}
	for _, bad := range []string{"\x1b", "\x07", "\x00", "\u202e", "\u2066", "owned", "ZgotmplZ"} {
		if at := strings.Index(p.text, bad); at >= 0 {
			t.Errorf("the page contains %q: …%q…", bad, p.text[max(0, at-80):min(len(p.text), at+40)])
		}
	}
	if !strings.Contains(words(p.root), "alert(1)") {
		t.Error("the hostile text is not shown as text")
	}
}

func TestHTMLAllowsOnlyItsOwnScriptAndStyle(t *testing.T) {
	p := render(t, nil, sample(t), on(t, "v1.36.0", nil))
	policy := ""
	for _, n := range p.all(tag("meta")) {
		if attr(n, "http-equiv") == "Content-Security-Policy" {
			policy = attr(n, "content")
		}
	}
	for _, name := range []string{"script", "style"} {
		want := name + "-src"
		for _, n := range p.all(tag(name)) {
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			want += fmt.Sprintf(" 'sha256-%s'", base64.StdEncoding.EncodeToString(sum[:]))
		}
		if !strings.Contains(policy, want+";") {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows unsafe content: %s", policy)
	}
}

func TestHTMLIsValid(t *testing.T) {
	lecture := notes.Parse("- 컨테이너 안에 Pod이 있다\n")
	for name, p := range map[string]page{
		"one record":   render(t, lecture, sample(t)),
		"two records":  render(t, lecture, sample(t), on(t, "v1.36.0", nil)),
		"no claims":    render(t, lecture, &evidence.Record{Failure: "no cluster"}),
		"empty record": render(t, nil, &evidence.Record{}),
		"no record":    render(t, nil),
	} {
		t.Run(name, func(t *testing.T) {
			ids := map[string]bool{}
			for _, n := range p.all(func(n *html.Node) bool { return attr(n, "id") != "" }) {
				if ids[attr(n, "id")] {
					t.Errorf("two elements have the ID %q", attr(n, "id"))
				}
				ids[attr(n, "id")] = true
			}
			for n := range p.root.Descendants() {
				for _, a := range n.Attr {
					if target := strings.TrimPrefix(a.Val, "#"); (a.Key == "href" && strings.HasPrefix(a.Val, "#") || a.Key == "aria-labelledby" || a.Key == "popovertarget") && !ids[target] {
						t.Errorf("<%s %s=%q> has no target", n.Data, a.Key, a.Val)
					}
				}
				if n.Type == html.ElementNode && (n.Data == "button" || n.Data == "a" || n.Data == "summary") && attr(n, "hidden") == "" &&
					words(n) == "" && attr(n, "aria-label") == "" && !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" }) {
					t.Errorf("a <%s> without a name: %v", n.Data, n.Attr)
				}
			}
			for _, name := range []string{"main", "header", "nav", "footer", "h1", "title"} {
				if got := len(p.all(tag(name))); got != 1 {
					t.Errorf("%d <%s>, want one", got, name)
				}
			}
			want := "ko"
			if strings.HasSuffix(name, "empty record") || name == "no record" { // without notes
				want = "en"
			}
			if lang := attr(p.all(tag("html"))[0], "lang"); lang != want {
				t.Errorf("the page's language is %q, want %q", lang, want)
			}
			for _, n := range p.all(func(n *html.Node) bool { return attr(n, "lang") == "en" && n.Data != "html" }) {
				if strings.ContainsAny(words(n), "가나다라마바사이는") {
					t.Errorf("%q is not English", words(n))
				}
			}
		})
	}
}

func TestHTMLShowsATimeline(t *testing.T) {
	begin := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	ran := func(id string, at, seconds float64) *evidence.Claim {
		return &evidence.Claim{ID: id, Quote: id, Verdict: claim.Holds, Expected: claim.Holds, Seconds: seconds,
			Started: begin.Add(time.Duration(at * float64(time.Second)))}
	}
	p := render(t, nil, &evidence.Record{Version: "v1.37.2", Started: begin, Finished: begin.Add(100 * time.Second), Claims: []*evidence.Claim{
		ran("a.late", 60, 20), ran("a.first", 0, 50), ran("a.second", 10, 20), ran("a.third", 35, 10),
		{ID: "a.none", Quote: "none", Verdict: claim.NotRun, Reason: "not chosen"},
	}})
	var lines []string
	for _, n := range p.all(tag("tr")) {
		if line := words(n); strings.HasPrefix(line, "holds : a.") {
			lines = append(lines, line)
		}
	}
	want := []string{"holds : a.first 0:00 50.0 s 2", "holds : a.second 0:10 20.0 s 1", "holds : a.third 0:35 10.0 s 1", "holds : a.late 1:00 20.0 s 0"}
	if !slices.Equal(lines, want) {
		t.Errorf("the timeline reads\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	for _, want := range []string{"4 claims in 1 min 40 s; one after another they would have taken 1 min 40 s. At most 2 ran at once.", `x="60.00%" width="20.00%"`} {
		if !strings.Contains(words(p.root), want) && !strings.Contains(p.text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestAClaimHasATrendOverItsEarlierRuns(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 1, day, 3, 4, 0, 0, time.UTC) }
	record := &evidence.Record{Version: "v1.37.2", Started: at(4), Finished: at(4), Claims: []*evidence.Claim{{
		ID: "pod.x", Quote: "q", Verdict: claim.Holds, Expected: claim.Holds, Started: at(4), Seconds: 10,
		History: []evidence.Past{
			{At: at(1), Verdict: claim.Holds, Seconds: 5}, {At: at(2), Verdict: claim.Inconclusive, Failed: true, Seconds: 50}, {At: at(3), Verdict: claim.Holds, Seconds: 9},
		},
	}}}
	page, err := report.HTML([]*evidence.Record{record}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 of 4 runs in a row, since 2026-01-03 03:04; 5 to 50 s", `<li class="v-inconclusive h5 failed" title="2026-01-02 03:04 · inconclusive · 50 s">`,
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
}
