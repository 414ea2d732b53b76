package disturbed

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/noteproof/noteproof/harness/evidence"
)

// Listing is a suite's list of its disturbances.
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

// unturned is the first field of the lines about points that no break turns.
const unturned = "unturned"

// ParseListing parses the output of the flag -disturbances: one line for each disturbance, with fields separated by tabs. It
// ignores other lines, such as those of go test itself. It returns an error for a line with a wrong number of fields.
func ParseListing(text string) (Listing, error) {
	var l Listing
	var errs []error
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		want := map[string]int{evidence.Break: 3, evidence.Fault: 3, unturned: 4}[fields[0]]
		switch {
		case want == 0 || len(fields) == 1:
		case len(fields) != want:
			errs = append(errs, fmt.Errorf("parse the disturbances: %q has %d fields, not %d", strings.TrimSpace(line), len(fields), want))
		case fields[0] == unturned:
			l.Unturned = append(l.Unturned, evidence.PointRef{Claim: fields[1], Point: fields[2], Why: fields[3]})
		default:
			l.Disturbances = append(l.Disturbances, Named{Kind: fields[0], Name: fields[1], Does: fields[2]})
		}
	}
	return l, errors.Join(errs...)
}

// Of returns the disturbances of a kind whose names match only. If only is nil, all names match.
func (l Listing) Of(kind string, only *regexp.Regexp) []Named {
	var found []Named
	for _, d := range l.Disturbances {
		if d.Kind == kind && (only == nil || only.MatchString(d.Name)) {
			found = append(found, d)
		}
	}
	return found
}
