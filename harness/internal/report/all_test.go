package report_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"
	"golang.org/x/net/html"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
)

// turned adds a flip to the claim: in the previous run, a point was observed the other way.
func turned(c *evidence.Claim, point int, turn evidence.Turn, then claim.Verdict) {
	p := c.Points[point]
	p.Observed = claim.Saw(p.Observed != claim.SawTrue)
	p.Evidence = []evidence.Evidence{{Looked: "the same", Saw: "the old evidence | <b>", Truth: p.Observed}}
	c.Flip = &evidence.Flip{
		Version: "v1.37.2", Started: time.Date(2026, 2, 2, 4, 5, 6, 0, time.UTC), Verdict: then, Expected: then, Turn: turn, Points: []evidence.Point{p},
	}
}

// flipped returns the sample record with a flip of each kind since the previous run: foreseen, back and away.
func flipped(t *testing.T) *evidence.Record {
	record := sample(t)
	turned(record.Claims[0], 0, evidence.Foreseen, claim.Holds)
	turned(record.Claims[1], 0, evidence.Back, claim.Refuted)
	turned(record.Claims[3], 1, evidence.Away, claim.InPart)
	return record
}

// matrixOf returns records of four versions, the newest first: with flips, unchanged, without a cluster, and with another result
// of one claim.
func matrixOf(t *testing.T) []*evidence.Record {
	newest := flipped(t)
	newest.Version, newest.Claims[0].Flip = "v1.38.0", nil
	return []*evidence.Record{
		newest, on(t, "v1.37.2", nil),
		on(t, "", func(r *evidence.Record) {
			r.Wanted, r.Failure = "v1.25.16", "the node image | could not be built"
			for _, c := range r.Claims {
				c.Verdict, c.Drift, c.Points, c.Reason = claim.NotRun, false, nil, "there was no cluster to run on"
			}
		}),
		on(t, "v1.23.17", func(r *evidence.Record) {
			c := r.Claims[0]
			c.Verdict, c.Expected = claim.Holds, claim.Holds
			c.Points[0].Observed, c.Points[0].Expected = claim.SawTrue, true
		}),
	}
}

// inOrder fails the test unless the page contains the texts in this order.
func inOrder(t *testing.T, page string, texts ...string) {
	t.Helper()
	rest := page
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Fatalf("%q is missing or out of order in\n%s", text, page)
		}
		rest = after
	}
}

func TestFlipsComeFirstInEveryReport(t *testing.T) {
	record := flipped(t)
	inOrder(t, report.Table(record, false), "3 flips:",
		"✗ schedule.cpu-over-limit: in part on v1.37.2 of 2 Feb 2026, 04:05 → refuted on v1.37.2, away from what is expected",
		"true → false: the container is not ended",
		"✗ pod.localhost: refuted", "back to what is expected", "↺ pod.contains-containers: holds", "foreseen",
		"│ pod.contains-containers    │ refuted      │ refuted  │ ↺ flip",
		"1 drifted, 3 flipped",
		"✗ pod.localhost flipped", "the old evidence | <b>", "200 two")
	inOrder(t, report.Markdown(record), "## Flips since the previous run", "**schedule.cpu-over-limit**: in part on", "the old evidence \\| &lt;b&gt;", "restart count 1",
		"back to what is expected", "foreseen", "| claim | verdict |", "| flip, foreseen |", "| **flip** |", "| **drift** **flip** |")

	text, err := report.JUnit(record)
	if err != nil {
		t.Fatal(err)
	}
	var read junit.Testsuites
	if err := xml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, suite := range read.Suites {
		for _, tc := range suite.Testcases {
			if tc.Failure != nil {
				kinds[tc.Name] = tc.Failure.Type
				inOrder(t, tc.Failure.Data, "the old evidence")
			}
		}
	}
	if len(kinds) != 2 || kinds["pod.localhost"] != "flip" || kinds["schedule.cpu-over-limit"] != "flip" {
		t.Errorf("the failures are %v, want the two unforeseen flips", kinds)
	}
	if !strings.Contains(string(text), "it was holds on v1.37.2") {
		t.Error("the foreseen flip is not listed")
	}
}

func TestHTMLReportsFlipsBetweenRunsAndVersions(t *testing.T) {
	p := render(t, nil, matrixOf(t)...)
	var cards []string
	for _, n := range p.all(func(n *html.Node) bool { return class("card")(n) || class("since")(n) }) {
		if slices.ContainsFunc(slices.Collect(n.Descendants()), class("flip")) {
			cards = append(cards, words(n))
		}
	}
	want := [][]string{
		{"schedule.cpu-over-limit", "since the previous run", "away", "v1.37.2 of 2 Feb 2026, 04:05", "v1.38.0", "the old evidence", "restart count 1"},
		{"pod.localhost", "since the previous run", "back"},
		{"Between 1.23 and 1.37", "no longer true", "before and after", "pod.contains-containers", "v1.23.17", "v1.37.2"},
	}
	if len(cards) != len(want) {
		t.Fatalf("%d flips, want %d:\n%s", len(cards), len(want), strings.Join(cards, "\n"))
	}
	for i, texts := range want {
		inOrder(t, cards[i], texts...)
	}
	first := p.all(func(n *html.Node) bool { return attr(n, "id") == "first" })[0]
	inOrder(t, words(first), "Flips", "Drift:", "Failed runs", "v1.25.16, no cluster")
	before := p.all(class("before"))
	if len(before) != 2 || !strings.Contains(words(before[1]), "the old evidence") {
		t.Errorf("%d panels show the old evidence, want two", len(before))
	}
}

func TestAFlipBetweenShownVersionsIsListedOnce(t *testing.T) {
	records := matrixOf(t)[:1]
	older := on(t, "v1.37.2", func(r *evidence.Record) {
		c := r.Claims[1]
		c.Verdict, c.Drift, c.Points[0].Observed = claim.Refuted, true, claim.SawFalse
	})
	p := render(t, nil, append(records, older)...)
	count := 0
	for _, n := range p.all(class("card")) {
		if text := words(n); strings.HasPrefix(text, "pod.localhost") && strings.Contains(text, "the whole claim") {
			count++
			inOrder(t, text, "between versions", "back to what is expected")
		}
	}
	if count != 1 {
		t.Errorf("the flip is listed %d times, want once", count)
	}
}

func TestOwnAndAdoptedClustersAreNotCompared(t *testing.T) {
	theirs := matrixOf(t)[3]
	theirs.Environment.Adopted, theirs.Environment.Cluster = true, "team"
	if p := render(t, nil, sample(t), theirs); len(p.all(class("flip"))) > 0 {
		t.Error("our own cluster is compared with the team's")
	}
	theirNewer := sample(t)
	theirNewer.Environment = theirs.Environment
	if p := render(t, nil, theirNewer, theirs); len(p.all(class("flip"))) != 1 {
		t.Error("the team's cluster is not compared with its older version")
	}
}

func TestAnUntrustedPointDoesNotFlip(t *testing.T) {
	older := matrixOf(t)[3]
	older.Claims[0].Verdict = claim.Inconclusive // its control failed
	if p := render(t, nil, sample(t), older); len(p.all(class("flip"))) > 0 {
		t.Error("the observation of an inconclusive claim counts as a flip")
	}
}

func TestGrid(t *testing.T) {
	records := matrixOf(t)
	inOrder(t, report.Grid(records), "3 flips:", "v1.38.0 ", "v1.37.2 ", "v1.25.16, no cluster ", "v1.23.17 ",
		"pod.contains-containers", "refuted", "refuted", "not run", "holds",
		"pod.localhost", "holds ↺ flip",
		"schedule.cpu-over-limit", "refuted ✗ drift ↺ flip",
		"v1.38.0: 6 claims", "v1.25.16, no cluster: 6 claims: 6 not run", "✗ the run failed: the node image | could not be built")
	for _, version := range []string{"v1.30.14", "v1.29.6"} {
		records = append(records, on(t, version, nil))
	}
	narrow := report.Grid(records)
	inOrder(t, narrow, "v1.38  v1.37  v1.30  v1.29  v1.25    v1.23", ".0     .2     .14    .6     .16,     .17", "pod.contains-containers     ✗ ", "✓ holds   ◐ in part")
	for line := range strings.Lines(narrow) {
		if strings.HasPrefix(line, "│ pod.contains-containers") {
			if got := strings.Fields(strings.Trim(line, "│ \n")); !slices.Equal(got[1:], []string{"✗", "✗", "✗", "✗", "–", "✓"}) {
				t.Errorf("the row reads %v", got)
			}
		}
	}
}

func TestSummary(t *testing.T) {
	page := report.Summary(matrixOf(t))
	inOrder(t, page, "# Verdicts on Kubernetes v1.23.17 to v1.38.0", "## Flips", "away", "back", "foreseen",
		"| claim | v1.38.0 | v1.37.2 | v1.25.16, no cluster | v1.23.17 |", "| pod.contains-containers | ❌ | ❌ | ⏭️ | ✅ |", "| pod.localhost | ✅ ⚠️ | ✅ | ⏭️ | ✅ |",
		"## Failed runs", "**v1.25.16, no cluster**", "the node image | could not be built",
		"## Failed claims", "<b>pod.localhost</b> on v1.38.0: holds, flipped", "<b>schedule.cpu-over-limit</b> on v1.23.17: refuted, drifted")
	if strings.Contains(page, "<b>schedule.memory-over-limit</b>") {
		t.Error("the page contains details of a claim that did not fail")
	}
	if outside := withoutFences(page); strings.Contains(outside, "<script") || strings.Contains(outside, "\x1b") {
		t.Error("the page contains unescaped text of the cluster")
	}
}

func TestSummaryAndDriftRespectGitHubsLimits(t *testing.T) {
	var records []*evidence.Record
	for range 40 {
		record := flipped(t)
		for _, c := range record.Claims {
			for i := range 10 {
				more := *c
				more.ID += fmt.Sprint(i)
				record.Claims = append(record.Claims, &more)
			}
		}
		for _, c := range record.Claims {
			c.Quote = strings.Repeat("가", 300)
		}
		records = append(records, record)
	}
	for _, page := range []struct {
		name, text string
		limit      int
	}{{"summary", report.Summary(records), 1 << 20}, {"issue", report.Drift(records), 65536}} {
		if len(page.text) > page.limit || len(page.text) < page.limit/2 {
			t.Errorf("the %s has %d bytes, want between half of the limit and the limit, %d", page.name, len(page.text), page.limit)
		}
		if !strings.Contains(page.text, "more do not fit here") {
			t.Errorf("the %s does not say that something is omitted", page.name)
		}
		outside := withoutFences(page.text)
		if open, closed := strings.Count(outside, "<details"), strings.Count(outside, "</details>"); open != closed {
			t.Errorf("the %s has %d details open, %d closed", page.name, open, closed)
		}
	}
}

func TestDrift(t *testing.T) {
	undrifted := func(r *evidence.Record) {
		r.Claims = slices.DeleteFunc(r.Claims, func(c *evidence.Claim) bool { return c.Drift })
		turned(r.Claims[0], 0, evidence.Foreseen, claim.Holds)
		turned(r.Claims[1], 0, evidence.Back, claim.Refuted)
	}
	if got := report.Drift([]*evidence.Record{on(t, "v1.37.2", undrifted), {Wanted: "v1.25.16", Failure: "no image"}}); got != "" {
		t.Errorf("want nothing without drift, got\n%s", got)
	}
	body := report.Drift([]*evidence.Record{on(t, "v1.36.4", undrifted), flipped(t)})
	inOrder(t, body, "1 claim came out other than expected.", "## schedule.cpu-over-limit on v1.37.2: expected in part, observed refuted",
		"in part on v1.37.2 of 2 Feb 2026, 04:05", "the old evidence", "restart count 1", "a burner without a limit uses more",
		"As expected again:", "**pod.localhost**", "the old evidence", "200 two")
	lasting := flipped(t)
	for _, c := range lasting.Claims {
		c.Flip = nil
	}
	if again := report.Drift([]*evidence.Record{on(t, "v1.36.4", undrifted), lasting}); again == body || !slices.Equal(headings(again), headings(body)) {
		t.Errorf("the headings changed from %q to %q", headings(body), headings(again))
	}
}

// headings returns the headings of a page.
func headings(page string) []string {
	return slices.DeleteFunc(strings.Split(withoutFences(page), "\n"), func(line string) bool { return !strings.HasPrefix(line, "#") })
}

func TestWriteAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	paths, err := report.WriteAll(dir, matrixOf(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
		if filepath.Dir(path) != dir {
			t.Errorf("%s is not in %s", path, dir)
		}
	}
	if want := []string{"verdicts.md", "junit.xml", "index.html", "badge.svg", "verdicts.json"}; !slices.Equal(names, want) {
		t.Errorf("wrote %v, want %v", names, want)
	}
	text, err := os.ReadFile(filepath.Join(dir, "verdicts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var several evidence.Records
	if err := json.Unmarshal(text, &several); err != nil || several.Schema != evidence.Schema || len(several.Records) != 4 || several.Records[2].Wanted != "v1.25.16" {
		t.Errorf("verdicts.json holds %d records of schema %d: %v", len(several.Records), several.Schema, err)
	}
	if text, err = os.ReadFile(filepath.Join(dir, "junit.xml")); err != nil {
		t.Fatal(err)
	}
	var read junit.Testsuites
	if err := xml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	var suites []string
	for _, suite := range read.Suites {
		suites = append(suites, suite.Name)
	}
	want := []string{"v1.38.0 pod", "v1.38.0 schedule", "v1.38.0 service", "v1.37.2 pod", "v1.37.2 schedule", "v1.37.2 service",
		"v1.25.16, no cluster pod", "v1.25.16, no cluster schedule", "v1.25.16, no cluster service", "v1.25.16, no cluster run", "v1.23.17 pod", "v1.23.17 schedule", "v1.23.17 service"}
	if !slices.Equal(suites, want) {
		t.Errorf("the suites are %q, want %q", suites, want)
	}
	if read.Tests != 25 || read.Failures != 4 || read.Errors != 4 || read.Skipped != 9 {
		t.Errorf("tests %d, failures %d, errors %d, skipped %d; want 25, 4, 4, 9", read.Tests, read.Failures, read.Errors, read.Skipped)
	}
}

func TestAVariantIsComparedWithOurOwnConfigurationOfItsVersion(t *testing.T) {
	variant := func(version, name string, truth bool) *evidence.Record {
		return on(t, version, func(r *evidence.Record) {
			r.Variant = name
			p := &r.Claims[0].Points[0]
			p.Observed, p.Expected = claim.Saw(truth), truth
		})
	}
	grid := report.Grid([]*evidence.Record{
		variant("v1.37.2", "nftables", true), variant("v1.37.2", "", false), variant("v1.36.4", "", false), variant("v1.36.4", "nftables", true),
	})
	for _, want := range []string{
		"on v1.37.2 → ", "on v1.37.2+nftables, foreseen", "on v1.36.4 → ", "on v1.36.4+nftables, foreseen",
	} {
		if !strings.Contains(grid, want) {
			t.Errorf("%q is missing in\n%s", want, grid)
		}
	}
	if n := strings.Count(grid, "foreseen"); n != 2 {
		t.Errorf("there are %d flips, want one for each version, and none between versions:\n%s", n, grid)
	}
	inOrder(t, grid[strings.Index(grid, "╭"):], "v1.37.2 ", "v1.37.2+nftables", "v1.36.4 ", "v1.36.4+nftables")
}
