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

// Break disables one mechanism of the cluster. It proves that exactly the points that rest on the mechanism then come out
// otherwise.
type Break struct {
	breaks.Disturbance
	// Turns are the points that must come out other than expected.
	Turns []*claim.Point
	// Tolerates are points that may also come out other than expected, with the reasons.
	Tolerates map[*claim.Point]string
	// Claims are the claims to run, as a regular expression on their IDs; empty means all.
	Claims string
	// Within is set if the scenario's objects need the mechanism to start. The scenarios then run one after another, and the
	// break is applied when a scenario first changes something itself, by a method of scenario.S and not by a client of its own.
	Within bool
}

// Fault disturbs the cluster for a while. With a fault, each verdict must be as expected, or inconclusive with the cause.
type Fault struct {
	breaks.Disturbance
	// Claims are the claims to run, as a regular expression on their IDs; empty means all.
	Claims string
}

// Break returns the break of this name, and whether there is one.
func (s Suite) Break(name string) (Break, bool) {
	i := slices.IndexFunc(s.Breaks, func(b Break) bool { return b.Name == name })
	if i < 0 {
		return Break{}, false
	}
	return s.Breaks[i], true
}

// Fault returns the fault of this name, and whether there is one.
func (s Suite) Fault(name string) (Fault, bool) {
	i := slices.IndexFunc(s.Faults, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, false
	}
	return s.Faults[i], true
}

// Refs returns points in the form of the record. It omits points that belong to no claim.
func (s Suite) Refs(points []*claim.Point) []evidence.PointRef {
	var refs []evidence.PointRef
	for _, point := range points {
		for _, sc := range s.Scenarios {
			if point != nil && sc.Claim().Has(point) {
				refs = append(refs, evidence.PointRef{Claim: sc.ID, Point: point.Says})
			}
		}
	}
	return refs
}

func says(point *claim.Point) string {
	if point == nil {
		return "nil"
	}
	return point.Says
}

// Unbroken returns the points that no break turns and that are not in Unturned; nil if the suite has no breaks.
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
	var unbroken []*claim.Point
	for _, sc := range s.Scenarios {
		for _, point := range sc.Points {
			if _, excused := s.Unturned[point]; !turned[point] && !excused {
				unbroken = append(unbroken, point)
			}
		}
	}
	return s.Refs(unbroken)
}

// checkDisturbances returns errors for duplicate names, invalid regular expressions, points that belong to no claim, and
// points of claims that would not run.
func (s Suite) checkDisturbances() error {
	var errs []error
	names := map[string]bool{}
	check := func(name, claims string) *regexp.Regexp {
		if names[name] {
			errs = append(errs, fmt.Errorf("disturbance %s is in the list twice", name))
		}
		names[name] = true
		chosen, err := regexp.Compile(claims)
		if err != nil {
			errs = append(errs, fmt.Errorf("disturbance %s: %w", name, err))
		}
		return chosen
	}
	for _, fault := range s.Faults {
		check(fault.Name, fault.Claims)
	}
	for _, b := range s.Breaks {
		chosen := check(b.Name, b.Claims)
		for _, point := range b.Turns {
			if len(s.Refs([]*claim.Point{point})) == 0 {
				errs = append(errs, fmt.Errorf("break %s turns a point that belongs to no claim: %q", b.Name, says(point)))
			}
		}
		for _, ref := range s.Refs(b.Turns) {
			if chosen != nil && !chosen.MatchString(ref.Claim) {
				errs = append(errs, fmt.Errorf("break %s turns a point of %s, which it does not run", b.Name, ref.Claim))
			}
		}
	}
	for _, b := range s.Breaks {
		for point := range b.Tolerates {
			if len(s.Refs([]*claim.Point{point})) == 0 {
				errs = append(errs, fmt.Errorf("break %s tolerates a point that belongs to no claim: %q", b.Name, says(point)))
			}
		}
	}
	for point := range s.Unturned {
		if len(s.Refs([]*claim.Point{point})) == 0 {
			errs = append(errs, fmt.Errorf("a point in Unturned belongs to no claim: %q", says(point)))
		}
	}
	return errors.Join(errs...)
}
