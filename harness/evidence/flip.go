package evidence

import (
	"fmt"
	"slices"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
)

// Flip is the earlier answer to a claim, if a point of it was observed differently since. The claim contains the current answer.
type Flip struct {
	// Version is the Kubernetes version of the earlier answer: the same one, or the nearest older one if there is none.
	Version string `json:"version"`
	// Started is when the earlier answer's scenario began.
	Started time.Time `json:"started,omitzero"`
	// Verdict is the earlier verdict, and Expected the one that was expected then.
	Verdict  claim.Verdict `json:"verdict"`
	Expected claim.Verdict `json:"expected"`
	// Turn compares the flip with what was expected.
	Turn Turn `json:"turn" jsonschema:"enum=foreseen,enum=away from what is expected,enum=back to what is expected"`
	// Points are the points that were observed differently, as they were in the earlier answer.
	Points []Point `json:"points"`
}

// Turn is how a flip compares with what was expected.
type Turn string

// The turns. All except Foreseen fail the run in which they are observed.
const (
	Foreseen Turn = "foreseen"                   // both answers are as expected: the versions differ
	Away     Turn = "away from what is expected" // the current answer is other than expected
	Back     Turn = "back to what is expected"   // the earlier answer was other than expected, the current one is as expected
)

// TurnOf returns the turn of a point that was observed differently in two answers.
func TurnOf(earlier, current Point) Turn {
	switch {
	case !current.Observed.Is(current.Expected):
		return Away
	case !earlier.Observed.Is(earlier.Expected):
		return Back
	default:
		return Foreseen
	}
}

// Worse returns the worse of two turns: Away is worse than Back, and Back is worse than Foreseen.
func (t Turn) Worse(other Turn) Turn {
	for _, turn := range []Turn{Away, Back} {
		if t == turn || other == turn {
			return turn
		}
	}
	return Foreseen
}

// Fails returns whether the flip fails the run. The receiver may be nil.
func (f *Flip) Fails() bool { return f != nil && f.Turn != Foreseen }

// Tell returns the flip in one line, with the current verdict: "holds on v1.36.4 on 3 Feb 2026 at 04:05, now refuted: away from
// what is expected".
func (f *Flip) Tell(current claim.Verdict) string {
	started := ""
	if !f.Started.IsZero() {
		started = f.Started.UTC().Format(" on 2 Jan 2006 at 15:04")
	}
	return fmt.Sprintf("%s on %s%s, now %s: %s", f.Verdict, f.Version, started, current, f.Turn)
}

// Settled returns whether the claim was answered.
func (c *Claim) Settled() bool {
	return c.Verdict == claim.Holds || c.Verdict == claim.InPart || c.Verdict == claim.Refuted
}

// Trusted returns whether what was observed of the points counts: the claim was answered, or a point of it drifted. Otherwise a
// control failed, or the scenario was cut off.
func (c *Claim) Trusted() bool { return c.Settled() || c.Drift }

// Flipped returns the points that were observed differently in two answers to a claim: as they were before, and as they are
// after, in the same order.
func Flipped(earlier, current *Claim) (before, after []Point) {
	if !earlier.Trusted() || !current.Trusted() {
		return nil, nil
	}
	for _, point := range current.Points {
		i := slices.IndexFunc(earlier.Points, func(p Point) bool { return p.Says == point.Says })
		if i < 0 || earlier.Points[i].Observed == claim.Nothing || point.Observed == claim.Nothing || earlier.Points[i].Observed == point.Observed {
			continue
		}
		before, after = append(before, earlier.Points[i]), append(after, point)
	}
	return before, after
}

// Compare returns the flip of a claim since its earlier answer on this version; nil if there is none.
func Compare(version string, earlier, current *Claim) *Flip {
	before, after := Flipped(earlier, current)
	if len(before) == 0 {
		return nil
	}
	flip := &Flip{Version: version, Started: earlier.Started, Verdict: earlier.Verdict, Expected: earlier.Expected, Turn: Foreseen, Points: before}
	for i := range before {
		flip.Turn = flip.Turn.Worse(TurnOf(before[i], after[i]))
	}
	return flip
}
