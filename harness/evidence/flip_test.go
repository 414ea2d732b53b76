package evidence_test

import (
	"testing"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// point returns a point of the claim of these tests, with evidence that names its run.
func point(says string, expected bool, observed claim.Observed, saw string) evidence.Point {
	return evidence.Point{Says: says, Expected: expected, Observed: observed, Evidence: []evidence.Evidence{{Looked: "Pods", Saw: saw, Truth: observed}}}
}

// entry returns a claim with these points, judged as in a run.
func entry(id string, points ...evidence.Point) *evidence.Claim {
	c := &evidence.Claim{ID: id, Quote: "q", Points: points, Started: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)}
	var observed, expected []claim.Observed
	for _, p := range points {
		observed, expected = append(observed, p.Observed), append(expected, claim.Saw(p.Expected))
		c.Drift = c.Drift || p.Observed != claim.Nothing && !p.Observed.Is(p.Expected)
	}
	c.Verdict, c.Expected = claim.Judge(observed), claim.Judge(expected)
	return c
}

func TestCompare(t *testing.T) {
	const yes, no, nothing = claim.SawTrue, claim.SawFalse, claim.Nothing
	runs := func(expected bool, observed claim.Observed, saw string) *evidence.Claim {
		return entry("pod.x", point("it stays", true, yes, saw), point("it runs", expected, observed, saw))
	}
	inconclusive := runs(true, no, "now")
	inconclusive.Verdict, inconclusive.Drift = claim.Inconclusive, false // its control failed
	for name, test := range map[string]struct {
		then, now *evidence.Claim
		want      evidence.Turn // empty for no flip
		fails     bool
	}{
		"nothing new":                  {runs(true, yes, "then"), runs(true, yes, "now"), "", false},
		"drift that stays":             {runs(true, no, "then"), runs(true, no, "now"), "", false},
		"expected otherwise, but same": {runs(true, yes, "then"), runs(false, yes, "now"), "", false},
		"away":                         {runs(true, yes, "then"), runs(true, no, "now"), evidence.Away, true},
		"from drift to another drift":  {runs(true, no, "then"), runs(false, yes, "now"), evidence.Away, true},
		"back":                         {runs(true, no, "then"), runs(true, yes, "now"), evidence.Back, true},
		"the versions differ":          {runs(true, yes, "then"), runs(false, no, "now"), evidence.Foreseen, false},
		"not seen now":                 {runs(true, yes, "then"), runs(true, nothing, "now"), "", false},
		"not seen then":                {runs(true, nothing, "then"), runs(true, no, "now"), "", false},
		"the control failed now":       {runs(true, yes, "then"), inconclusive, "", false},
		"the control failed then":      {inconclusive, runs(true, yes, "now"), "", false},
		"another point":                {entry("pod.x", point("it ran", true, yes, "then")), runs(true, no, "now"), "", false},
		"one away, then one foreseen": {
			entry("pod.x", point("a", true, yes, "then"), point("b", true, yes, "then")),
			entry("pod.x", point("a", true, no, "now"), point("b", false, no, "now")), evidence.Away, true,
		},
		"one back, then one away": {
			entry("pod.x", point("a", false, yes, "then"), point("b", true, yes, "then")),
			entry("pod.x", point("a", false, no, "now"), point("b", true, no, "now")), evidence.Away, true,
		},
		"one foreseen, then one away": {
			entry("pod.x", point("a", true, yes, "then"), point("b", true, yes, "then")),
			entry("pod.x", point("a", false, no, "now"), point("b", true, no, "now")), evidence.Away, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			flip := evidence.Compare("v1.36.4", test.then, test.now)
			if flip.Fails() != test.fails {
				t.Errorf("it fails the run: %t, want %t", flip.Fails(), test.fails)
			}
			if flip == nil {
				if test.want != "" {
					t.Errorf("no flip, want %q", test.want)
				}
				return
			}
			if flip.Turn != test.want {
				t.Fatalf("the flip is %q, want %q", flip.Turn, test.want)
			}
			if flip.Version != "v1.36.4" || flip.Verdict != test.then.Verdict || flip.Expected != test.then.Expected || flip.Started != test.then.Started {
				t.Errorf("the flip does not tell what the claim was: %+v", flip)
			}
			for _, p := range flip.Points {
				if p.Says == "it stays" || p.Evidence[0].Saw != "then" {
					t.Errorf("the flip holds %q with the evidence %q, want only what flipped, as it was then", p.Says, p.Evidence[0].Saw)
				}
			}
		})
	}
}

func TestAFlipFailsTheRunUnlessItIsForeseen(t *testing.T) {
	c := entry("pod.x", point("it runs", true, claim.SawTrue, "now"))
	record := &evidence.Record{Claims: []*evidence.Claim{c}}
	for turn, want := range map[evidence.Turn]bool{evidence.Foreseen: false, evidence.Away: true, evidence.Back: true} {
		c.Flip = &evidence.Flip{Turn: turn}
		if record.Failed() != want {
			t.Errorf("a flip %s fails the run: %t, want %t", turn, !want, want)
		}
	}
}

func TestTell(t *testing.T) {
	then := entry("pod.x", point("it runs", true, claim.SawFalse, "then"))
	now := entry("pod.x", point("it runs", true, claim.SawTrue, "now"))
	want := "refuted on v1.37.2 on 3 Feb 2026 at 04:05, now holds: back to what is expected"
	if got := evidence.Compare("v1.37.2", then, now).Tell(now.Verdict); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
