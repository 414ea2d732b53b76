package suite

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/noteproof/noteproof/harness/breaks"
	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// Break takes one mechanism away from the cluster. It proves that the points which rest on the mechanism, and no others,
// come out otherwise then.
type Break struct {
	breaks.Disturbance
	// Turns are the points that must come out other than expected.
	Turns []*claim.Point
	// Tolerates are points that may come out other than expected as well, and why; nil tolerates none.
	Tolerates map[*claim.Point]string
	// Claims are those to be run, as a regular expression on their IDs; empty runs all.
	Claims string
	// Within is set when the mechanism is needed to bring the scenario's objects up. The break is then applied when a
	// scenario first changes something itself, to one scenario after another.
	Within bool
}

// Fault troubles the cluster for a while. Under one, each verdict is as expected, or inconclusive with the cause.
type Fault struct {
	breaks.Disturbance
	// Claims are those to be run, as a regular expression on their IDs; empty runs all.
	Claims string
}

// Break finds the break of this name.
func (s Suite) Break(name string) (Break, bool) {
	i := slices.IndexFunc(s.Breaks, func(b Break) bool { return b.Name == name })
	if i < 0 {
		return Break{}, false
	}
	return s.Breaks[i], true
}

// Fault finds the fault of this name.
func (s Suite) Fault(name string) (Fault, bool) {
	i := slices.IndexFunc(s.Faults, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, false
	}
	return s.Faults[i], true
}

// Refs are points as the record names them.
func (s Suite) Refs(points []*claim.Point) []evidence.PointRef {
	var refs []evidence.PointRef
	for _, point := range points {
		for _, one := range s.Scenarios {
			if one.Claim().Has(point) {
				refs = append(refs, evidence.PointRef{Claim: one.ID, Point: point.Says})
			}
		}
	}
	return refs
}

// Unbroken are the points that no break turns, and for which Unturned gives no reason; nil when the suite has no breaks.
func (s Suite) Unbroken() []evidence.PointRef {
	if len(s.Breaks) == 0 {
		return nil
	}
	turned := map[*claim.Point]bool{}
	for _, b := range s.Breaks {
		for _, point := range b.Turns {
			turned[point] = true
		}
	}
	var left []*claim.Point
	for _, one := range s.Scenarios {
		for _, point := range one.Points {
			if _, excused := s.Unturned[point]; !turned[point] && !excused {
				left = append(left, point)
			}
		}
	}
	return s.Refs(left)
}

// checkDisturbances reports names that are doubled, points that are no claim's, and points of claims that would not run.
func (s Suite) checkDisturbances() error {
	var errs []error
	named := map[string]bool{}
	name := func(name, claims string) *regexp.Regexp {
		if named[name] {
			errs = append(errs, fmt.Errorf("disturbance %s stands in the list twice", name))
		}
		named[name] = true
		chosen, err := regexp.Compile(claims)
		if err != nil {
			errs = append(errs, fmt.Errorf("disturbance %s: %w", name, err))
		}
		return chosen
	}
	for _, fault := range s.Faults {
		name(fault.Name, fault.Claims)
	}
	for _, b := range s.Breaks {
		chosen := name(b.Name, b.Claims)
		refs := s.Refs(b.Turns)
		if len(refs) != len(b.Turns) {
			errs = append(errs, fmt.Errorf("break %s turns a point that is no claim's", b.Name))
		}
		for _, ref := range refs {
			if chosen != nil && !chosen.MatchString(ref.Claim) {
				errs = append(errs, fmt.Errorf("break %s turns a point of %s, which it does not run", b.Name, ref.Claim))
			}
		}
	}
	for point := range s.Unturned {
		if len(s.Refs([]*claim.Point{point})) == 0 {
			errs = append(errs, fmt.Errorf("a point that no break turns is no claim's: %q", point.Says))
		}
	}
	return errors.Join(errs...)
}
