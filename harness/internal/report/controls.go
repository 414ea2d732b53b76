package report

import (
	"cmp"
	"slices"

	"github.com/noteproof/noteproof/harness/evidence"
)

// behind is a witness or a contrast as it stands behind one point.
type behind struct {
	Kind    string // "witness" or "contrast"
	Says    string
	Outcome outcome
	Turned  bool // a look at it came out the other way for a time
}

// outcome is what came of a witness or a contrast, in words.
type outcome string

// The outcomes.
const (
	passed outcome = "passed"
	failed outcome = "failed"
	// fell is a contrast that came out the other way, and so did its point.
	fell outcome = "fell with the point"
	// same is a contrast that came out the other way alone, so that the probe cannot tell the answers apart.
	same    outcome = "failed: it came out the same way"
	unseen  outcome = "failed: it was not observed"
	untried outcome = "never tried"
)

// Mark is the sign of the outcome.
func (o outcome) Mark() string {
	switch o {
	case passed:
		return "✓"
	case fell:
		return "⤓"
	default:
		return "✗"
	}
}

// Passed says whether it came out as wanted.
func (o outcome) Passed() bool { return o == passed }

// behindPoint lists the witnesses of a point and then its contrasts, with what came of each. It is empty for records of
// earlier versions, whose controls are bound to no point.
func behindPoint(p evidence.Point, controls []evidence.Control) []behind {
	var all []behind
	add := func(kind evidence.ControlKind, names []string) {
		for _, says := range names {
			b := behind{Kind: string(kind), Says: says, Outcome: untried}
			if i := slices.IndexFunc(controls, func(c evidence.Control) bool { return c.Says == says }); i >= 0 {
				b.Outcome, b.Turned = outcomeOf(controls[i], contradicted(p)), controls[i].Turned()
			}
			all = append(all, b)
		}
	}
	add(evidence.Witness, p.Witnesses)
	add(evidence.Contrast, p.Contrasts)
	return all
}

// outcomeOf is what came of a control behind points of which one was, or none was, seen to be other than expected.
func outcomeOf(c evidence.Control, contradicted bool) outcome {
	switch {
	case c.Passed:
		return passed
	case c.Kind == "":
		return failed
	case len(c.Evidence) == 0:
		return untried
	case c.Kind != evidence.Contrast:
		return failed
	case !c.Fell:
		return unseen
	case contradicted:
		return fell
	default:
		return same
	}
}

// inClaim is what came of a control for the claim as a whole.
func inClaim(k evidence.Control, c *evidence.Claim) outcome {
	return outcomeOf(k, slices.ContainsFunc(c.Points, func(p evidence.Point) bool {
		return contradicted(p) && slices.Contains(p.Contrasts, k.Says)
	}))
}

func contradicted(p evidence.Point) bool { return p.Observed.Is(!p.Expected) }

// kindOf is what a control is called; those of earlier versions are of neither kind.
func kindOf(k evidence.Control) string { return string(cmp.Or(k.Kind, "control")) }

// kinds says whether the controls of the claim are witnesses and contrasts, and not those of a record of an earlier version.
func kinds(c *evidence.Claim) bool {
	return slices.ContainsFunc(c.Control, func(k evidence.Control) bool { return k.Kind != "" })
}
