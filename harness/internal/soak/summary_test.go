package soak

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
)

var start = time.Date(2026, 2, 3, 4, 0, 0, 0, time.UTC)

// soakOf summarizes a soak of these records. Every second run is loaded, and each begins ten minutes after the previous one.
func soakOf(records ...*evidence.Record) *Summary {
	s := &State{Began: start, Version: "v1.37.2"}
	for i := range records {
		began := start.Add(time.Duration(i) * 10 * time.Minute)
		s.Runs = append(s.Runs, &Run{Number: i + 1, Loaded: i%2 == 1, Row: series.Row{Began: began, Finished: began.Add(200 * time.Second)}})
	}
	return Summarize(s, records)
}

// of returns the record of a run that tried these claims.
func of(claims ...*evidence.Claim) *evidence.Record {
	return &evidence.Record{Version: "v1.37.2", Started: start, Finished: start.Add(time.Minute), Claims: claims}
}

// claimOf returns a claim with this verdict after so many seconds, whose points "a", "b" and so on were observed as given.
func claimOf(id string, verdict claim.Verdict, seconds float64, observed ...claim.Observed) *evidence.Claim {
	c := &evidence.Claim{ID: id, Verdict: verdict, Seconds: seconds, Started: start}
	for i, o := range observed {
		c.Points = append(c.Points, evidence.Point{Says: string(rune('a' + i)), Observed: o})
	}
	return c
}

func drifted(c *evidence.Claim) *evidence.Claim { c.Drift = true; return c }

func because(reason string, c *evidence.Claim) *evidence.Claim { c.Reason = reason; return c }

func TestDeviations(t *testing.T) {
	const yes, no, nothing = claim.SawTrue, claim.SawFalse, claim.Nothing
	holds := func() *evidence.Record { return of(claimOf("pod.x", claim.Holds, 1, yes)) }
	noCluster := func() *evidence.Record {
		r := of(because("there was no cluster to run on", claimOf("pod.x", claim.NotRun, 0, nothing)))
		r.Failure = "bring a cluster: no space"
		return r
	}
	for name, test := range map[string]struct {
		records []*evidence.Record
		usual   claim.Verdict
		want    []Deviation
	}{
		"all the same": {[]*evidence.Record{holds(), holds()}, claim.Holds, nil},
		"one is inconclusive": {
			[]*evidence.Record{holds(), of(because("no answer", claimOf("pod.x", claim.Inconclusive, 60, nothing))), holds()}, claim.Holds,
			[]Deviation{{Run: 2, Loaded: true, Verdict: claim.Inconclusive, Usual: claim.Holds, Reason: "no answer", Seconds: 60, Points: []PointDeviation{{"a", nothing, yes}}}},
		},
		"one is refuted": {
			[]*evidence.Record{holds(), holds(), of(drifted(claimOf("pod.x", claim.Refuted, 1, no)))}, claim.Holds,
			[]Deviation{{Run: 3, Verdict: claim.Refuted, Usual: claim.Holds, Drift: true, Seconds: 1, Points: []PointDeviation{{"a", no, yes}}}},
		},
		"all drifted": {
			[]*evidence.Record{of(drifted(claimOf("pod.x", claim.Refuted, 1, no))), of(drifted(claimOf("pod.x", claim.Refuted, 1, no)))}, claim.Refuted,
			[]Deviation{
				{Run: 1, Verdict: claim.Refuted, Usual: claim.Refuted, Drift: true, Seconds: 1},
				{Run: 2, Loaded: true, Verdict: claim.Refuted, Usual: claim.Refuted, Drift: true, Seconds: 1},
			},
		},
		"in part both times, by other points": {
			[]*evidence.Record{of(claimOf("pod.x", claim.InPart, 1, yes, no)), of(claimOf("pod.x", claim.InPart, 1, no, yes)), of(claimOf("pod.x", claim.InPart, 1, yes, no))}, claim.InPart,
			[]Deviation{{Run: 2, Loaded: true, Verdict: claim.InPart, Usual: claim.InPart, Seconds: 1, Points: []PointDeviation{{"a", no, yes}, {"b", yes, no}}}},
		},
		"most runs had no cluster": {
			[]*evidence.Record{noCluster(), holds(), noCluster()}, claim.Holds,
			[]Deviation{
				{Run: 1, Verdict: claim.NotRun, Usual: claim.Holds, Reason: "there was no cluster to run on"},
				{Run: 3, Verdict: claim.NotRun, Usual: claim.Holds, Reason: "there was no cluster to run on"},
			},
		},
		"a record without claims": {
			[]*evidence.Record{holds(), {Finished: start, Failure: "the run left no record"}}, claim.Holds,
			[]Deviation{{Run: 2, Loaded: true, Verdict: claim.NotRun, Usual: claim.Holds, Reason: "the run left no record"}},
		},
		"most are inconclusive": {
			[]*evidence.Record{of(claimOf("pod.x", claim.Inconclusive, 1, nothing)), of(claimOf("pod.x", claim.Inconclusive, 1, nothing)), holds()}, claim.Holds,
			[]Deviation{
				{Run: 1, Verdict: claim.Inconclusive, Usual: claim.Holds, Seconds: 1, Points: []PointDeviation{{"a", nothing, yes}}},
				{Run: 2, Loaded: true, Verdict: claim.Inconclusive, Usual: claim.Holds, Seconds: 1, Points: []PointDeviation{{"a", nothing, yes}}},
			},
		},
		"never answered": {[]*evidence.Record{of(claimOf("pod.x", claim.Inconclusive, 1, nothing)), of(claimOf("pod.x", claim.Inconclusive, 1, nothing))}, claim.Inconclusive, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := soakOf(test.records...)
			g.Expect(s.Claims).To(HaveExactElements(HaveField("Usual", test.usual)))
			for i := range test.want {
				test.want[i].Claim = "pod.x"
			}
			if test.want == nil {
				g.Expect(s.Deviations).To(BeEmpty())
				return
			}
			g.Expect(s.Deviations).To(Equal(test.want))
		})
	}
}

func TestDeviationsAreInTheOrderOfTheRuns(t *testing.T) {
	g := NewWithT(t)
	s := soakOf(
		of(claimOf("pod.x", claim.Holds, 1), claimOf("pod.y", claim.Inconclusive, 1)),
		of(claimOf("pod.x", claim.Inconclusive, 1), claimOf("pod.y", claim.Holds, 1)),
		of(claimOf("pod.x", claim.Holds, 1), claimOf("pod.y", claim.Holds, 1)),
	)
	g.Expect(s.Deviations).To(HaveExactElements(HaveField("Claim", "pod.y"), HaveField("Claim", "pod.x")))
}

func TestClaimRow(t *testing.T) {
	g := NewWithT(t)
	none := claimOf("pod.none", claim.NotRun, 0)
	s := soakOf(
		of(claimOf("pod.x", claim.Holds, 2), none), of(claimOf("pod.x", claim.Holds, 4), none),
		of(claimOf("pod.x", claim.Holds, 3), none), of(claimOf("pod.x", claim.Inconclusive, 60), none),
		of(claimOf("pod.x", claim.NotRun, 0), none),
	)
	g.Expect(s.Claims).To(Equal([]ClaimRow{{
		ID: "pod.x", Usual: claim.Holds,
		Idle:    map[claim.Verdict]int{claim.Holds: 2, claim.NotRun: 1},
		Loaded:  map[claim.Verdict]int{claim.Holds: 1, claim.Inconclusive: 1},
		Seconds: Compared{Idle: Times{Runs: 2, Median: 2.5, Max: 3}, Loaded: Times{Runs: 2, Median: 32, Max: 60}, Ratio: 12.8},
	}}))
	g.Expect(s.NotRun).To(Equal([]string{"pod.none"}))
}

func TestRunRow(t *testing.T) {
	g := NewWithT(t)
	late := claimOf("pod.y", claim.Holds, 7)
	late.Started = start.Add(90 * time.Second)
	record := of(claimOf("pod.x", claim.Holds, 30), late, claimOf("pod.z", claim.NotRun, 0))
	record.Environment.Reused = true
	record.Failure = "the run left behind on the cluster: Namespace a"
	s := &State{Runs: []*Run{{Number: 1, Loaded: true, Row: series.Row{Began: start, Finished: start.Add(100 * time.Second)}, BusySeconds: 150}, {Number: 2}}}
	g.Expect(Summarize(s, []*evidence.Record{record}).Runs).To(Equal([]RunRow{{
		Number: 1, Loaded: true, Began: start, Seconds: 100, ScenarioSeconds: 97, BusyCores: 1.5, Reused: true, Failure: record.Failure,
	}}), "a run that is not done has no row")
}

func TestARunThatDidNotCloseItsRecordFailed(t *testing.T) {
	cut := of(claimOf("pod.x", claim.Holds, 1))
	cut.Finished = time.Time{}
	NewWithT(t).Expect(soakOf(cut).Runs[0].Failure).To(ContainSubstring("cut off"))
}

func TestEqualMachinesShareARow(t *testing.T) {
	g := NewWithT(t)
	on := func(cpus int, reused bool) *evidence.Record {
		r := of()
		r.Environment = evidence.Environment{CPUs: cpus, Engine: "podman 4.3.1", Reused: reused}
		return r
	}
	s := soakOf(on(2, false), on(2, true), on(4, false), of())
	g.Expect(s.Machines).To(Equal([]MachineRow{
		{Runs: []int{1, 2}, CPUs: 2, Engine: "podman 4.3.1"}, {Runs: []int{3}, CPUs: 4, Engine: "podman 4.3.1"},
	}))
}

func TestProblems(t *testing.T) {
	failed := of(claimOf("pod.x", claim.Holds, 1))
	failed.Failure = "the run left behind on the cluster: Namespace a"
	well := of(claimOf("pod.x", claim.Holds, 1))
	for name, test := range map[string]struct {
		records []*evidence.Record
		want    []string
	}{
		"none":            {[]*evidence.Record{well, well}, nil},
		"one drifted":     {[]*evidence.Record{well, of(drifted(claimOf("pod.x", claim.Holds, 1)))}, []string{"1 result was not the same in all runs, or drifted"}},
		"one run failed":  {[]*evidence.Record{well, failed}, []string{"1 of 2 runs failed other than by a claim"}},
		"never answered":  {[]*evidence.Record{of(claimOf("pod.x", claim.Inconclusive, 1))}, []string{"1 claim was never answered"}},
		"nothing was run": {[]*evidence.Record{of(claimOf("pod.x", claim.NotRun, 0))}, []string{"no claim was tried"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.want == nil {
				NewWithT(t).Expect(soakOf(test.records...).Problems()).To(BeEmpty())
				return
			}
			NewWithT(t).Expect(soakOf(test.records...).Problems()).To(Equal(test.want))
		})
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		seconds []float64
		want    Times
	}{
		{nil, Times{}},
		{[]float64{3}, Times{1, 3, 3}},
		{[]float64{9, 1, 2}, Times{3, 2, 9}},
		{[]float64{4, 1, 2, 9}, Times{4, 3, 9}},
	} {
		if got := timesOf(c.seconds); got != c.want {
			t.Errorf("timesOf(%v) = %+v, want %+v", c.seconds, got, c.want)
		}
	}
	if got := compare([]float64{2}, nil).Ratio; got != 0 {
		t.Errorf("the ratio without a loaded run is %v, want 0", got)
	}
}

func TestMarkdown(t *testing.T) {
	g := NewWithT(t)
	cut := of(because("it said <b>|", claimOf("pod.x", claim.Inconclusive, 60, claim.Nothing)))
	cut.Failure = "the run left behind on the cluster: Namespace a"
	page := soakOf(of(claimOf("pod.x", claim.Holds, 2, claim.SawTrue)), cut).Markdown()
	for _, line := range []string{
		"# Soak on Kubernetes v1.37.2\n",
		"2 of 2 runs, 1 idle and 1 loaded; 1 claim; begun 2026-02-03 04:00:00 UTC, not finished.",
		"- **1 result was not the same in all runs, or drifted**\n- **1 of 2 runs failed other than by a claim**\n",
		`| 2 | loaded | pod.x | inconclusive | holds | 60.0 | it said &lt;b&gt;\|<br>a: observed nothing, usually true |`,
		"| 1 | idle | 2026-02-03 04:00:00 | 200.0 | 2.0 |  | new |  |\n",
		"| 2 | loaded | 2026-02-03 04:10:00 | 200.0 | 60.0 | 0.00 | new | the run left behind on the cluster: Namespace a |\n",
		"2.0 s idle and 60.0 s loaded (ratio 30.00)",
		"| pod.x | holds 1 | inconclusive 1 | 2.0 | 2.0 | 60.0 | 60.0 | 30.00 |\n",
	} {
		g.Expect(page).To(ContainSubstring(line))
	}
	same := soakOf(of(claimOf("pod.x", claim.Holds, 2)), of(claimOf("pod.x", claim.Holds, 2))).Markdown()
	g.Expect(same).To(ContainSubstring("Every claim came out the same, and as expected, in every run."))
	g.Expect(same).NotTo(ContainSubstring("## Not the same"))
}
