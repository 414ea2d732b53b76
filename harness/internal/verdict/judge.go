package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// End says how a scenario ended. The zero value means that the scenario ran to its end.
type End struct {
	// Unfit is why this cluster cannot show the claim, which was found before any point was looked at.
	Unfit string
	// Trouble is why a part of the scenario was not tried: it was interrupted, has an error, or the cluster was unhealthy.
	Trouble string
	// Unmet is the step that failed and ended the scenario although the cluster was healthy.
	Unmet string
	// Added is what this cluster adds to the claim's namespace and Pods, as it does to all; empty if it adds nothing, or was not whole.
	// A claim that is inconclusive then counts as one that this cluster cannot show.
	Added string
}

// Judge computes the verdict of a claim from what was observed until its scenario ended. With Trouble, a contradicted point is
// not reported as drift. With Unmet it is, because the step may have failed for the reason that contradicted the point: for
// example, a volume that is never bound prevents its Pod from starting.
func Judge(entry *evidence.Claim, end End) {
	observed := make([]claim.Observed, len(entry.Points))
	var drifted, unproven []string
	for i := range entry.Points {
		point := &entry.Points[i]
		settle(point, entry.Control)
		observed[i] = point.Observed
		switch {
		case point.Observed == claim.Nothing:
			unproven = append(unproven, fmt.Sprintf("%q: %s", point.Says, point.Unproven))
		case Contradicted(point):
			drifted = append(drifted, point.Says+fallenContrasts(point, entry.Control))
		}
	}
	entry.Verdict, entry.Drift, entry.Reason = claim.Judge(observed), false, ""
	switch {
	case end.Unfit != "":
		entry.Verdict, entry.Reason = claim.NotRun, end.Unfit
	case end.Trouble != "":
		entry.Verdict, entry.Reason = claim.Inconclusive, end.Trouble
	case len(drifted) > 0:
		entry.Drift, entry.Reason = true, "observed other than expected: "+strings.Join(drifted, "; ")
		if end.Unmet != "" {
			entry.Reason += "; the scenario then ended: " + end.Unmet
		}
	case end.Unmet != "":
		entry.Verdict, entry.Reason = claim.Inconclusive, end.Unmet
	case entry.Verdict == claim.Inconclusive:
		entry.Reason = "not observed: " + strings.Join(unproven, "; ")
	}
	if entry.Verdict == claim.Inconclusive && end.Added != "" {
		entry.Verdict, entry.Reason = claim.NotRun, fmt.Sprintf("this cluster cannot show it: %s; %s", end.Added, entry.Reason)
	}
}

// settle computes what the looks at a point show together, and whether its witnesses and contrasts validate that.
func settle(point *evidence.Point, controls []evidence.Control) {
	point.Observed, point.Unproven = Together(point.Evidence)
	if Contradicted(point) { // also by one look of several, where false is expected
		point.Observed = claim.Saw(!point.Expected)
	}
	why := unwitnessed(point, controls)
	if point.Observed == claim.Nothing {
		why = failedWitness(point, controls) // more informative than the reason of Together
	}
	if why != "" {
		point.Observed, point.Unproven = claim.Nothing, why
	}
}

// Together combines the looks at one point: false if one look shows the contrary, true if all looks show that the point is
// true, and otherwise nothing, with the reason. A supporting look that shows neither is ignored.
func Together(looks []evidence.Evidence) (claim.Observed, string) {
	sum, why := claim.Nothing, "it was not observed"
	for _, look := range looks {
		switch look.Truth {
		case claim.SawFalse:
			return claim.SawFalse, ""
		case claim.SawTrue:
			if sum == claim.Nothing && why == "it was not observed" {
				sum, why = claim.SawTrue, ""
			}
		case claim.Nothing:
			if look.Supporting {
				continue
			}
			if sum = claim.Nothing; why == "" || why == "it was not observed" {
				why = look.Looked + ": " + unseen(look)
			}
		}
	}
	return sum, why
}

func unseen(look evidence.Evidence) string {
	if look.Why != "" {
		return look.Why
	}
	return look.Saw
}

// unwitnessed returns why the answer to a point does not count; "" if it counts. All witnesses must have passed. If the point
// is as expected, all contrasts must have passed too: nothing else shows that the probe distinguishes the answers. If the point
// is contradicted, a contrast may have come out the same way, because it may depend on the same mechanism.
func unwitnessed(point *evidence.Point, controls []evidence.Control) string {
	if why := failedWitness(point, controls); why != "" {
		return why
	}
	contrasts := named(controls, point.Contrasts)
	for _, c := range contrasts {
		switch {
		case len(c.Evidence) == 0:
			return "the contrast was never tried: " + c.Says
		case c.Passed:
		case !c.Fell:
			return fmt.Sprintf("the contrast could not be observed: %s: %s", c.Says, lastWhy(c))
		case !Contradicted(point):
			return fmt.Sprintf("the contrast came out the same way, so the probe does not distinguish the two answers: %s: %s", c.Says, lastWhy(c))
		}
	}
	switch {
	case len(point.Witnesses) == 0:
		return "it has no witness"
	case len(contrasts) == 0 && point.NoContrast == "":
		return "it has no contrast"
	default:
		return ""
	}
}

// failedWitness returns which witness of a point failed; "" if none did.
func failedWitness(point *evidence.Point, controls []evidence.Control) string {
	for _, c := range named(controls, point.Witnesses) {
		if !c.Passed {
			return fmt.Sprintf("the witness failed, so nothing follows from the probe: %s: %s", c.Says, lastWhy(c))
		}
	}
	return ""
}

func named(controls []evidence.Control, says []string) []evidence.Control {
	var found []evidence.Control
	for _, c := range controls {
		if slices.Contains(says, c.Says) {
			found = append(found, c)
		}
	}
	return found
}

func lastWhy(c evidence.Control) string {
	for _, look := range slices.Backward(c.Evidence) {
		if look.Truth != claim.SawTrue {
			return unseen(look)
		}
	}
	return "it was never tried"
}

// fallenContrasts names the contrasts that came out the same way as a contradicted point.
func fallenContrasts(point *evidence.Point, controls []evidence.Control) string {
	var fell []string
	for _, c := range named(controls, point.Contrasts) {
		if c.Fell {
			fell = append(fell, c.Says)
		}
	}
	if len(fell) == 0 {
		return ""
	}
	return fmt.Sprintf(" (its contrast fell with it: %s)", strings.Join(fell, ", "))
}

// Contradicted reports whether a point was observed and at least one look shows it to be other than expected.
func Contradicted(point *evidence.Point) bool {
	return point.Observed != claim.Nothing && slices.ContainsFunc(point.Evidence, func(look evidence.Evidence) bool {
		return look.Truth.Is(!point.Expected)
	})
}
