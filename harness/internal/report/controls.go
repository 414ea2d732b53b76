package report

import (
	"cmp"
	"slices"

	"github.com/noteproof/noteproof/harness/evidence"
)

// pointControl is a witness or a contrast of one point.
type pointControl struct {
	Kind    string // "witness" or "contrast"
	Says    string
	Outcome outcome
	Turned  bool // some looks at it came out the other way
}

// outcome is the outcome of a witness or a contrast, in words.
type outcome string

// The outcomes.
const (
	passed outcome = "passed"
	failed outcome = "failed"
	// fell means that the contrast came out contrary to what is wanted, and so did its point.
	fell outcome = "fell with the point"
	// same means that only the contrast came out contrary to what is wanted, so the probe does not distinguish the answers.
	same    outcome = "failed: it came out the same way"
	unseen  outcome = "failed: it was not observed"
	untried outcome = "never tried"
)

// Mark returns the sign of the outcome.
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

// Passed reports whether the control came out as wanted.
func (o outcome) Passed() bool { return o == passed }

// controlsOf returns the witnesses of a point and then its contrasts, with their outcomes. It returns none for a record of an
// earlier noteproof, whose controls do not belong to points.
func controlsOf(p evidence.Point, controls []evidence.Control) []pointControl {
	var all []pointControl
	add := func(kind evidence.ControlKind, names []string) {
		for _, says := range names {
			control := pointControl{Kind: string(kind), Says: says, Outcome: untried}
			if i := slices.IndexFunc(controls, func(c evidence.Control) bool { return c.Says == says }); i >= 0 {
				control.Outcome, control.Turned = outcomeOf(controls[i], contradicted(p)), controls[i].Turned()
			}
			all = append(all, control)
		}
	}
	add(evidence.Witness, p.Witnesses)
	add(evidence.Contrast, p.Contrasts)
	return all
}

// outcomeOf returns the outcome of a control. contradicted says whether one of its points was observed other than expected.
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

// inClaim returns the outcome of a control for the claim as a whole.
func inClaim(k evidence.Control, c *evidence.Claim) outcome {
	return outcomeOf(k, slices.ContainsFunc(c.Points, func(p evidence.Point) bool {
		return contradicted(p) && slices.Contains(p.Contrasts, k.Says)
	}))
}

func contradicted(p evidence.Point) bool { return p.Observed.Is(!p.Expected) }

// kindOf returns the kind of a control; those of an earlier noteproof have none and are called "control".
func kindOf(k evidence.Control) string { return string(cmp.Or(k.Kind, "control")) }

// kinds reports whether the claim's controls are witnesses and contrasts. Those of an earlier noteproof are not.
func kinds(c *evidence.Claim) bool {
	return slices.ContainsFunc(c.Control, func(k evidence.Control) bool { return k.Kind != "" })
}
