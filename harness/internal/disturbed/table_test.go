package disturbed

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
)

var start = time.Date(2026, 2, 3, 4, 0, 0, 0, time.UTC)

// claimOf returns a claim whose points "a", "b" and so on were observed as given and expected to be true, as it is judged.
func claimOf(id string, observed ...claim.Observed) *evidence.Claim {
	c := &evidence.Claim{ID: id}
	for i, o := range observed {
		p := evidence.Point{Says: string(rune('a' + i)), Expected: true, Observed: o, Evidence: []evidence.Evidence{{Truth: o}}}
		switch o {
		case claim.SawFalse:
			c.Drift, c.Reason = true, "observed other than expected: "+p.Says
		case claim.Nothing:
			p.Unproven = "no answer"
		}
		c.Points = append(c.Points, p)
	}
	if c.Verdict = claim.Judge(observed); c.Verdict == claim.Inconclusive && !c.Drift {
		c.Reason = "not observed"
	}
	return c
}

// trouble changes a claim to one that was cut off.
func trouble(c *evidence.Claim) *evidence.Claim {
	c.Verdict, c.Drift, c.Reason = claim.Inconclusive, false, "its node is gone"
	return c
}

func notRun(c *evidence.Claim) *evidence.Claim {
	c.Verdict, c.Drift, c.Reason = claim.NotRun, false, "not chosen for this run"
	return c
}

// under returns the record of a run under a disturbance that must turn the points "a" of the claims in turns.
func under(name string, turns []string, claims ...*evidence.Claim) *evidence.Record {
	d := &evidence.Disturbance{Name: name, Kind: evidence.Break, Began: start}
	for _, id := range turns {
		d.Turns = append(d.Turns, evidence.PointRef{Claim: id, Point: "a"})
	}
	return &evidence.Record{Started: start, Finished: start.Add(time.Minute), Disturbance: d, Claims: claims}
}

// stateOf returns the state of a series of the records, in which each run took 90 seconds.
func stateOf(kind string, records ...*evidence.Record) *State {
	s := &State{Kind: kind, Began: start, Version: "v1.37.2"}
	for _, r := range records {
		name := "unknown"
		if r.Disturbance != nil {
			name = r.Disturbance.Name
		}
		s.Rows = append(s.Rows, &Row{Name: name, Does: "does something", Row: series.Row{Began: start, Finished: start.Add(90 * time.Second)}})
	}
	return s
}

func TestOneBreak(t *testing.T) {
	const yes, no, nothing = claim.SawTrue, claim.SawFalse, claim.Nothing
	ref := func(id, point string) evidence.PointRef { return evidence.PointRef{Claim: id, Point: point} }
	for name, test := range map[string]struct {
		record   *evidence.Record
		exact    bool
		became   []string // of the expected points; empty for one that turned
		wrong    []evidence.PointRef
		outcomes []Outcome
		problems []string
	}{
		"exactly the dependent point turned": {
			under("b", []string{"pod.x"}, claimOf("pod.x", no, yes), claimOf("pod.y", yes)), true, []string{""}, nil, []Outcome{Turned, Stayed}, nil,
		},
		"it stayed": {
			under("b", []string{"pod.x"}, claimOf("pod.x", yes)), false, []string{"stayed as expected"}, nil, []Outcome{Stayed},
			[]string{"expected to turn and did not: 1"},
		},
		"it is inconclusive": {
			under("b", []string{"pod.x"}, claimOf("pod.x", nothing)), false, []string{"inconclusive: no answer"}, nil, []Outcome{Inconclusive},
			[]string{"expected to turn and did not: 1"},
		},
		"cut off, and so without drift": {
			under("b", []string{"pod.x"}, trouble(claimOf("pod.x", no))), false, []string{"turned, but its claim is inconclusive: its node is gone"}, nil,
			[]Outcome{Inconclusive}, []string{"expected to turn and did not: 1"},
		},
		"one that must not turn was cut off": {
			under("b", []string{"pod.x"}, claimOf("pod.x", no), trouble(claimOf("pod.y", no))), true, []string{""}, nil, []Outcome{Turned, Inconclusive}, nil,
		},
		"it was not run": {
			under("b", []string{"pod.x"}, notRun(claimOf("pod.x", nothing))), false, []string{"not run: not chosen for this run"}, nil, []Outcome{NotRun},
			[]string{"expected to turn and did not: 1"},
		},
		"another point of it turned as well": {
			under("b", []string{"pod.x"}, claimOf("pod.x", no, no)), false, []string{""}, []evidence.PointRef{ref("pod.x", "b")}, []Outcome{Turned},
			[]string{"turned and must not: 1"},
		},
		"another claim turned": {
			under("b", []string{"pod.x"}, claimOf("pod.x", no), claimOf("pod.y", no)), false, []string{""}, []evidence.PointRef{ref("pod.y", "a")},
			[]Outcome{Turned, Turned}, []string{"turned and must not: 1"},
		},
		"one point turned, another is inconclusive": {
			under("b", []string{"pod.x"}, claimOf("pod.x", no, nothing)), true, []string{""}, nil, []Outcome{Turned}, nil,
		},
		"no record was left": {
			&evidence.Record{Finished: start, Failure: "the run left no record"}, false, nil, nil, nil, []string{"breaks whose run failed: 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			table := TableOfBreaks(stateOf(evidence.Break, test.record), []*evidence.Record{test.record})
			row := table.Breaks[0]
			g.Expect(row.Exact).To(Equal(test.exact))
			g.Expect(row.Wrong).To(Equal(test.wrong))
			var became []string
			for _, e := range row.Expected {
				g.Expect(e.Turned).To(Equal(e.Became == ""))
				became = append(became, e.Became)
			}
			g.Expect(became).To(Equal(test.became))
			var outcomes []Outcome
			for _, c := range row.Cells {
				outcomes = append(outcomes, c.Outcome)
			}
			g.Expect(outcomes).To(Equal(test.outcomes))
			g.Expect(table.Problems()).To(Equal(test.problems))
			g.Expect(row.Seconds).To(Equal(90.0))
		})
	}
}

func TestAToleratedPointIsNotWrong(t *testing.T) {
	g := NewWithT(t)
	record := under("b", []string{"pod.x"}, claimOf("pod.x", claim.SawFalse), claimOf("pod.y", claim.SawFalse))
	record.Disturbance.Tolerates = []evidence.PointRef{{Claim: "pod.y", Point: "a", Why: "it needs the same node"}}
	row := TableOfBreaks(stateOf(evidence.Break, record), []*evidence.Record{record}).Breaks[0]
	g.Expect(row.Exact).To(BeTrue())
	g.Expect(row.Tolerated).To(Equal(record.Disturbance.Tolerates))
}

func TestARunWhoseDisturbanceFailedIsNotExact(t *testing.T) {
	change := func(do func(*evidence.Record)) *evidence.Record {
		r := under("b", []string{"pod.x"}, claimOf("pod.x", claim.SawFalse))
		do(r)
		return r
	}
	for failure, record := range map[string]*evidence.Record{
		"left behind":      change(func(r *evidence.Record) { r.Failure = "the run left behind on the cluster: Namespace a" }),
		"cut off":          change(func(r *evidence.Record) { r.Finished = time.Time{} }),
		"undo b":           change(func(r *evidence.Record) { r.Disturbance.Failure = "undo b: no answer" }),
		"never applied":    change(func(r *evidence.Record) { r.Disturbance.Began = time.Time{} }),
		"this disturbance": change(func(r *evidence.Record) { r.Disturbance = nil }),
	} {
		g := NewWithT(t)
		state := stateOf(evidence.Break, record)
		state.Rows[0].Name = "b"
		breaks := TableOfBreaks(state, []*evidence.Record{record})
		g.Expect(breaks.Breaks[0].Failure).To(ContainSubstring(failure))
		g.Expect(breaks.Exact).To(BeZero())
		g.Expect(breaks.Problems()).To(ContainElement("breaks whose run failed: 1"))
		g.Expect(TableOfFaults(state, []*evidence.Record{record}).Problems()).To(ContainElement("faults whose run failed: 1"))
	}
}

func TestPointsOverAllBreaks(t *testing.T) {
	g := NewWithT(t)
	const yes, no = claim.SawTrue, claim.SawFalse
	records := []*evidence.Record{
		under("one", []string{"pod.x"}, claimOf("pod.x", no, yes), claimOf("pod.y", yes), claimOf("pod.z", yes)),
		under("two", []string{"pod.y"}, claimOf("pod.x", yes, no), claimOf("pod.y", no), claimOf("pod.z", yes)), // pod.x b is wrong
	}
	state := stateOf(evidence.Break, records...)
	state.Unturned = []evidence.PointRef{{Claim: "pod.z", Point: "a", Why: "nothing breaks it"}}
	table := TableOfBreaks(state, records)
	g.Expect([]int{table.Exact, table.Points, table.Turned}).To(Equal([]int{1, 4, 2}))
	g.Expect(table.Never).To(Equal([]evidence.PointRef{
		{Claim: "pod.x", Point: "b"}, {Claim: "pod.z", Point: "a", Why: "nothing breaks it"},
	}))
}

func TestOnlyTheChosenClaimsCount(t *testing.T) {
	g := NewWithT(t)
	record := under("b", []string{"pod.x", "volume.y"}, claimOf("pod.x", claim.SawFalse), notRun(claimOf("volume.y", claim.Nothing)))
	state := stateOf(evidence.Break, record)
	state.Claims = "^pod"
	table := TableOfBreaks(state, []*evidence.Record{record})
	g.Expect(table.Claims).To(Equal([]string{"pod.x"}))
	g.Expect(table.Exact).To(Equal(1))
	g.Expect(table.Points).To(Equal(1))
	g.Expect(table.Problems()).To(BeEmpty())
}

func TestFaults(t *testing.T) {
	g := NewWithT(t)
	silent := claimOf("pod.silent", claim.Nothing)
	silent.Reason = ""
	record := under("f", nil, claimOf("pod.right", claim.SawTrue), claimOf("pod.unsure", claim.Nothing), claimOf("pod.wrong", claim.SawFalse), silent,
		notRun(claimOf("pod.none", claim.Nothing)))
	table := TableOfFaults(stateOf(evidence.Fault, record), []*evidence.Record{record})
	g.Expect(table.Faults[0].Cells).To(Equal([]FaultCell{
		{Answer: Right}, {Unsure, "not observed"}, {Wrong, "observed other than expected: a"},
		{Wrong, "it is inconclusive without a cause"}, {Untried, "not chosen for this run"},
	}))
	g.Expect(table.Faults[0].Bounded).To(BeTrue())
	g.Expect(table.Problems()).To(Equal([]string{"wrong answers: 2"}))

	cut := under("f", nil, notRun(claimOf("pod.x", claim.Nothing)))
	cut.Finished = time.Time{}
	table = TableOfFaults(stateOf(evidence.Fault, cut), []*evidence.Record{cut})
	g.Expect(table.Faults[0].Bounded).To(BeFalse())
	g.Expect(table.Problems()).To(Equal([]string{"faults whose run failed: 1", "faults under which no claim was tried: 1"}))
}

func TestThePageOfBreaks(t *testing.T) {
	g := NewWithT(t)
	const yes, no, nothing = claim.SawTrue, claim.SawFalse, claim.Nothing
	record := under("no-proxy", []string{"pod.x", "pod.missed"},
		claimOf("pod.x", no), claimOf("pod.missed", yes), claimOf("pod.wrong", no), claimOf("pod.may", no), claimOf("pod.stayed", yes), claimOf("pod.unsure", nothing),
		notRun(claimOf("pod.none", nothing)))
	record.Disturbance.Tolerates = []evidence.PointRef{{Claim: "pod.may", Point: "a", Why: "it needs | too"}}
	page := TableOfBreaks(stateOf(evidence.Break, record), []*evidence.Record{record}).Markdown()
	for _, line := range []string{
		"# Breaks of the cluster on Kubernetes v1.37.2\n", "1 of 1 breaks tried; begun 2026-02-03 04:00:00 UTC, not finished.\n",
		"Exactly the dependent points turned under 0 of the 1 breaks on which a point depends. At least one break turns 2 of 7 points.\n",
		"- **expected to turn and did not: 1**\n- **turned and must not: 1**\n",
		"| 1 | no-proxy | does something | **1 of 2** | **1** | 90 |  |\n",
		"| pod.x | ● |\n| pod.missed | ! |\n| pod.wrong | ✗ |\n| pod.may | ≈ |\n| pod.stayed | · |\n| pod.unsure | ? |\n| pod.none | – |\n",
		"- **turned and must not**: pod.wrong, “a”\n", "- **did not turn**: pod.missed, “a”: stayed as expected\n",
		`- turned and may: pod.may, “a”: it needs \| too`, "- inconclusive: pod.unsure: not observed\n", "- turned as expected: pod.x, “a”\n",
		"| pod.stayed | a | **no reason is given** |\n",
	} {
		g.Expect(page).To(ContainSubstring(line))
	}
}

func TestThePageOfFaults(t *testing.T) {
	g := NewWithT(t)
	record := under("no-dns", nil, claimOf("pod.x", claim.SawTrue), claimOf("pod.unsure", claim.Nothing), claimOf("pod.wrong", claim.SawFalse))
	page := TableOfFaults(stateOf(evidence.Fault, record), []*evidence.Record{record}).Markdown()
	for _, line := range []string{
		"| 1 | no-dns | does something | 1 | 1 | **1** | 0 | 90 | yes |  |\n",
		"| pod.x | ✓ |\n| pod.unsure | ? |\n| pod.wrong | ✗ |\n",
		"- **WRONG**: pod.wrong: observed other than expected: a\n- inconclusive: pod.unsure: not observed\n",
	} {
		g.Expect(page).To(ContainSubstring(line))
	}
}
