package evidence

import (
	"fmt"
	"slices"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
)

// Flip is what turned round in a claim since it was last answered: what it was then. What it is now stands in the claim.
type Flip struct {
	// Version is the Kubernetes version of then: this one, or where this one was never tried before the nearest older.
	Version  string        `json:"version"`
	Started  time.Time     `json:"started,omitzero"`
	Verdict  claim.Verdict `json:"verdict"`
	Expected claim.Verdict `json:"expected"`
	Turn     Turn          `json:"turn" jsonschema:"enum=foreseen,enum=away from what is expected,enum=back to what is expected"`
	// Points are those that were seen one way then and the other way now, as they were seen then.
	Points []Point `json:"points"`
}

// Turn says how a flip compares with what was expected.
type Turn string

// The turns. Each but Foreseen fails the run in which it is seen.
const (
	Foreseen Turn = "foreseen"                   // both times it was as expected then: the versions differ in it
	Away     Turn = "away from what is expected" // now it is other than expected
	Back     Turn = "back to what is expected"   // then it was other than expected, now it is not
)

// TurnOf says how a point that was seen one way then and the other way now compares with what was expected of it.
func TurnOf(then, now Point) Turn {
	switch {
	case !now.Observed.Is(now.Expected):
		return Away
	case !then.Observed.Is(then.Expected):
		return Back
	default:
		return Foreseen
	}
}

// Worse is the turn of two points together: away outweighs back, and back outweighs foreseen.
func (t Turn) Worse(other Turn) Turn {
	for _, turn := range []Turn{Away, Back} {
		if t == turn || other == turn {
			return turn
		}
	}
	return Foreseen
}

// Fails says whether the flip fails the run. No flip does not.
func (f *Flip) Fails() bool { return f != nil && f.Turn != Foreseen }

// Tell is the flip in a line, with the verdict of now: "holds on v1.36.4 on 3 Feb 2026 at 04:05, now refuted: away from
// what is expected".
func (f *Flip) Tell(now claim.Verdict) string {
	then := ""
	if !f.Started.IsZero() {
		then = f.Started.UTC().Format(" on 2 Jan 2006 at 15:04")
	}
	return fmt.Sprintf("%s on %s%s, now %s: %s", f.Verdict, f.Version, then, now, f.Turn)
}

// Settled says whether the claim was answered.
func (c *Claim) Settled() bool {
	return c.Verdict == claim.Holds || c.Verdict == claim.InPart || c.Verdict == claim.Refuted
}

// Trusted says whether what was observed of the points counts: the claim was answered, or drifted in one of them. Of
// another claim a control failed, or the scenario was cut off.
func (c *Claim) Trusted() bool { return c.Settled() || c.Drift }

// Flipped are the points that two claims were both seen in, one way then and the other way now: each as of then, with
// that of now beside it.
func Flipped(then, now *Claim) (before, after []Point) {
	if !then.Trusted() || !now.Trusted() {
		return nil, nil
	}
	for _, point := range now.Points {
		i := slices.IndexFunc(then.Points, func(p Point) bool { return p.Says == point.Says })
		if i < 0 || then.Points[i].Observed == claim.Nothing || point.Observed == claim.Nothing || then.Points[i].Observed == point.Observed {
			continue
		}
		before, after = append(before, then.Points[i]), append(after, point)
	}
	return before, after
}

// Compare says what flipped in a claim since it was answered on this version; nil when nothing did.
func Compare(version string, then, now *Claim) *Flip {
	before, after := Flipped(then, now)
	if len(before) == 0 {
		return nil
	}
	flip := &Flip{Version: version, Started: then.Started, Verdict: then.Verdict, Expected: then.Expected, Turn: Foreseen, Points: before}
	for i := range before {
		flip.Turn = flip.Turn.Worse(TurnOf(before[i], after[i]))
	}
	return flip
}
