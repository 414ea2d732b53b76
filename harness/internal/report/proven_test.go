package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
)

// proven returns a record with witnesses, contrasts and single looks. The controls of sample are those of an earlier noteproof.
func proven(t *testing.T) *evidence.Record {
	t.Helper()
	record, err := evidence.Load("testdata/proven.json")
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func TestTableOfWitnessesAndContrasts(t *testing.T) {
	golden(t, "proven.txt", report.Table(proven(t), false))
}

func TestMarkdownOfWitnessesAndContrasts(t *testing.T) {
	page := report.Markdown(proven(t))
	golden(t, "proven.md", page)
	outside := withoutFences(page)
	for _, bad := range []string{"<script", "<b> ", "\x1b", "\u202e"} {
		if strings.Contains(outside, bad) {
			t.Errorf("the page contains unescaped text of the cluster: %q", bad)
		}
	}
	for line := range strings.Lines(outside) {
		if unescaped := strings.Count(line, "|") - strings.Count(line, `\|`); strings.HasPrefix(line, "| ") && unescaped != 4 && unescaped != 6 && unescaped != 7 {
			t.Errorf("the cluster's text changed the number of cells of a row to %d: %s", unescaped-1, line)
		}
	}
}

// panelsOf returns the panels of the claims by their IDs.
func panelsOf(p page) map[string]*html.Node {
	panels := map[string]*html.Node{}
	for _, n := range p.all(class("panel")) {
		for d := range n.Descendants() {
			if d.Data == "h3" {
				panels[words(d)] = n
				break
			}
		}
	}
	return panels
}

func TestHTMLShowsTheControlsOfAPoint(t *testing.T) {
	panels := panelsOf(render(t, nil, proven(t)))
	for id, texts := range map[string][]string{
		"pod.localhost": {
			"container 1 reaches container 2 turned", "witness passed container 2 serves itself", "contrast passed another Pod is refused",
			"6 looks, 07:08:05 to 07:08:08, 2.5 s, largest gap 1.2 s",
			"a look turned the answer round: 1 true, 3 false, 1 neither; false first at 07:08:05: “refused, first”, last at 07:08:07: “refused, last xxx",
			"1 look failed, the first: exec: no route", "supporting: it does not decide",
		},
		"service.node-port-every-node": {
			"witness passed the client reaches the Pod itself", "contrast fell with the point another port answers",
			"61 looks, 07:08:10 to 07:08:50, 60.0 s", "the cluster was whole at 07:08:51, checked: API server, nodes, kube-proxy",
			"another port answers fell with the point",
		},
		"schedule.cpu-over-limit": {
			"Not observed. cpu.stat: the cluster was not whole", "witness failed a burner burns", "No contrast: a CPU | has no other answer",
			"2 looks failed, the first: i/o timeout", "result not observed: the cluster was not whole",
			"the cluster was not whole at 07:08:29: node worker | is not Ready; node worker2 is under pressure (checked: API server, nodes)",
			"witness never tried no such witness", "contrast failed: it came out the same way another is killed", "contrast never tried a third is killed",
			"1 line on the nodes worker Ready=False | <b>", "1 Pod of kube-system kube-proxy-x Running", "1 event of nodes and of kube-system Warning NodeNotReady",
		},
		"volume.shared-in-pod": {
			"2 true, 2 false; true first at 07:08:40: “there, first”, last at 07:08:42: “there, last”; false first at 07:08:41: “absent, first”, last at 07:08:44: “absent, last”",
		},
	} {
		t.Run(id, func(t *testing.T) { inOrder(t, words(panels[id]), texts...) })
	}
}

func TestAnswersThatTurnedRoundAreVisible(t *testing.T) {
	record := proven(t)
	junit, err := report.JUnit(record)
	if err != nil {
		t.Fatal(err)
	}
	const legend = "⇄ turned round: looks at a point showed that it is true, and later that it is false"
	many := []*evidence.Record{record, sample(t)}
	for name, text := range map[string]string{
		"table": report.Table(record, false), "Markdown": withoutDetails(report.Markdown(record)), "JUnit": string(junit),
		"grid": report.Grid(many), "summary": withoutDetails(report.Summary(many)),
	} {
		if !strings.Contains(text, legend) {
			t.Errorf("the %s lacks the legend:\n%s", name, text)
		}
	}
	inOrder(t, report.Table(record, false), "pod.localhost ", "⇄ turned", "volume.shared-in-pod ", "⇄ turned", "2 turned round",
		"pod.localhost: container 1 reaches container 2: a look turned the answer round")
	inOrder(t, withoutDetails(report.Markdown(record)), "| pod.localhost |", "| ⇄ turned |")
	inOrder(t, report.Grid(many), "│ pod.localhost ", "holds ⇄ turned")
	inOrder(t, report.Summary(many), "| pod.localhost | ✅ ⇄ |")

	p := render(t, nil, many...)
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && class("turned")(n) {
			for up := n.Parent; up != nil; up = up.Parent {
				if up.Data == "details" && n.Parent.Data != "summary" && !marked(up) {
					t.Errorf("the mark %q is inside of a collapsed section", words(n))
				}
			}
		}
	}
	cells := 0
	for _, n := range p.all(class("cell")) {
		if slices.ContainsFunc(slices.Collect(n.Descendants()), class("turned")) {
			cells++
		}
	}
	if cells != 2 {
		t.Errorf("%d cells of the matrix have the mark, want 2", cells)
	}
	inOrder(t, words(p.all(func(n *html.Node) bool { return attr(n, "id") == "first" })[0]),
		"turned Answers that turned round", "Looks at a point showed that it is true, and later that it is false", "pod.localhost", "volume.shared-in-pod")
}

// marked reports whether the summary of a collapsible section has the mark.
func marked(details *html.Node) bool {
	for n := range details.Descendants() {
		if n.Type == html.ElementNode && class("turned")(n) && n.Parent.Data == "summary" {
			return true
		}
	}
	return false
}

// withoutDetails returns the page without its collapsible sections.
func withoutDetails(page string) string {
	for {
		before, rest, found := strings.Cut(page, "<details")
		if !found {
			return page
		}
		_, after, _ := strings.Cut(rest, "</details>")
		page = before + after
	}
}

func TestRecordsOfAnEarlierNoteproofHaveNoMarks(t *testing.T) {
	old := sample(t)
	junit, err := report.JUnit(old)
	if err != nil {
		t.Fatal(err)
	}
	p := render(t, nil, old)
	if len(p.all(class("turned"))) > 0 || len(p.all(class("behind"))) > 0 || len(p.all(class("kind"))) > 0 {
		t.Error("the page mentions witnesses, contrasts or turns that the record does not contain")
	}
	for name, text := range map[string]string{
		"table": report.Table(old, false), "Markdown": report.Markdown(old), "JUnit": string(junit), "grid": report.Grid([]*evidence.Record{old}), "summary": report.Summary([]*evidence.Record{old}),
	} {
		for _, unknown := range []string{"⇄", "witness", "contrast", "turned round"} {
			if strings.Contains(text, unknown) {
				t.Errorf("the %s contains %q", name, unknown)
			}
		}
	}
}

// TestPagesStaySmall renders a record of the size of a real suite with long evidence.
func TestPagesStaySmall(t *testing.T) {
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	long := strings.Repeat("what was seen ", 200)
	way := &evidence.Outcome{Count: 30, First: evidence.Sight{At: at, Saw: long}, Last: evidence.Sight{At: at, Saw: long}}
	var seen []evidence.Evidence
	for range 8 {
		seen = append(seen, evidence.Evidence{At: at, Looked: "Pods app=web", Wanted: "to be there", Saw: "one Pod", Seconds: 8,
			Looks: &evidence.Looks{Count: 60, From: at, To: at, Failed: 3, Failure: long, True: way, False: way}, Why: long,
			Health: &evidence.Health{At: at, Checked: []string{"API server"}, Problems: []string{long}}})
	}
	record := &evidence.Record{Version: "v1.37.2"}
	for n := range 36 {
		record.Claims = append(record.Claims, &evidence.Claim{ID: fmt.Sprintf("pod.claim-%d", n), Quote: "a sentence", Verdict: claim.Inconclusive,
			Points: []evidence.Point{{Says: "it is so", Unproven: long, Evidence: seen}}})
	}
	html, err := report.HTML([]*evidence.Record{record}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{"HTML": string(html), "Markdown": report.Markdown(record)} {
		if most := 1 << 20; len(page) > most {
			t.Errorf("the %s has %d bytes, want at most %d", name, len(page), most)
		}
	}
}
