package disturbed

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
)

// Listing is what a suite says of its disturbances.
type Listing struct {
	Disturbances []Named
	Unturned     []evidence.PointRef // points that no break turns, each with the reason
}

// Named is one disturbance.
type Named struct {
	Kind string // evidence.Break or evidence.Fault
	Name string
	Does string // one sentence
}

// unturned begins the lines about points that no break turns.
const unturned = "unturned"

// ParseListing reads what the flag -disturbances prints: a line each, its fields separated by tabs. Other lines, such as
// those of go test itself, are passed over. A line that lacks a field is an error.
func ParseListing(text string) (Listing, error) {
	var l Listing
	var errs []error
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		want := map[string]int{evidence.Break: 3, evidence.Fault: 3, unturned: 4}[fields[0]]
		switch {
		case want == 0 || len(fields) == 1:
		case len(fields) != want:
			errs = append(errs, fmt.Errorf("read the disturbances: %q has %d fields, not %d", strings.TrimSpace(line), len(fields), want))
		case fields[0] == unturned:
			l.Unturned = append(l.Unturned, evidence.PointRef{Claim: fields[1], Point: fields[2], Why: fields[3]})
		default:
			l.Disturbances = append(l.Disturbances, Named{Kind: fields[0], Name: fields[1], Does: fields[2]})
		}
	}
	return l, errors.Join(errs...)
}

// Of lists the disturbances of a kind whose names match only; nil matches all.
func (l Listing) Of(kind string, only *regexp.Regexp) []Named {
	var found []Named
	for _, d := range l.Disturbances {
		if d.Kind == kind && (only == nil || only.MatchString(d.Name)) {
			found = append(found, d)
		}
	}
	return found
}
