package suite

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
)

// Sabotage is a change to a claim's manifest under which one of its points must come out other than expected. It proves
// that the scenario can fail: make sabotage runs the scenarios so, and wants each to report the drift. The zero value
// is none.
type Sabotage struct {
	// Replace is a text of the manifest that stands there just once, and By what is put in its place.
	Replace, By string
	// Point is the one that must be observed to be other than expected.
	Point *claim.Point
}

// String is the change, for a list; empty when there is none.
func (s Sabotage) String() string {
	if s.Point == nil {
		return ""
	}
	return fmt.Sprintf("%q becomes %q: the point %q must come out otherwise", s.Replace, s.By, s.Point.Says)
}

// checkSabotage reports what is wrong with a sabotage itself.
func (one Scenario) checkSabotage(manifests fs.FS) error {
	if one.Sabotage == (Sabotage{}) {
		return nil
	}
	var errs []error
	if !one.Claim().Has(one.Sabotage.Point) {
		errs = append(errs, fmt.Errorf("claim %s: its sabotage names a point that is none of the claim's", one.ID))
	}
	broken, err := one.Sabotaged(manifests)
	if err == nil {
		_, err = stage.ReadManifest(broken, one.ID)
	}
	return errors.Join(append(errs, err)...)
}

// Sabotaged returns the manifests with the claim's own one changed.
func (one Scenario) Sabotaged(manifests fs.FS) (fs.FS, error) {
	path := stage.ManifestPath(one.ID)
	text, err := fs.ReadFile(manifests, path)
	if err != nil {
		return nil, fmt.Errorf("sabotage claim %s: %w", one.ID, err)
	}
	if n := strings.Count(string(text), one.Sabotage.Replace); n != 1 {
		return nil, fmt.Errorf("sabotage claim %s: %q stands in %s %d times, not once", one.ID, one.Sabotage.Replace, path, n)
	}
	text = bytes.Replace(text, []byte(one.Sabotage.Replace), []byte(one.Sabotage.By), 1)
	return fstest.MapFS{path: {Data: text}}, nil
}

// Unnoticed says why a sabotage was not noticed as it should have been; empty when it was.
func (one Scenario) Unnoticed(entry *evidence.Claim) string {
	i := slices.Index(one.Points, one.Sabotage.Point)
	if verdict.Contradicted(&entry.Points[i]) {
		return ""
	}
	return fmt.Sprintf("the sabotage (%q became %q) was not noticed: the point %q did not come out otherwise", one.Sabotage.Replace, one.Sabotage.By, one.Sabotage.Point.Says)
}
