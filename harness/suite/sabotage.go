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

// Sabotage is a change to a claim's manifest with which one of its points must come out other than expected. It proves that
// the scenario can fail: make sabotage runs the scenarios with it, and requires that each reports drift. The zero value means
// that there is none.
type Sabotage struct {
	// Replace is a text that the manifest contains exactly once, and By is its replacement.
	Replace, By string
	// Point must be observed to be other than expected.
	Point *claim.Point
}

// String describes the change in one line; empty if there is none.
func (s Sabotage) String() string {
	if s.Point == nil {
		return ""
	}
	return fmt.Sprintf("%q becomes %q: the point %q must come out otherwise", s.Replace, s.By, s.Point.Says)
}

// checkSabotage returns the errors in the sabotage itself.
func (s Scenario) checkSabotage(manifests fs.FS) error {
	if s.Sabotage == (Sabotage{}) {
		return nil
	}
	var errs []error
	if !s.Claim().Has(s.Sabotage.Point) {
		errs = append(errs, fmt.Errorf("claim %s: the point of its sabotage does not belong to the claim", s.ID))
	}
	if s.Sabotage.By == s.Sabotage.Replace {
		errs = append(errs, fmt.Errorf("claim %s: its sabotage changes nothing: Replace and By are equal", s.ID))
	}
	broken, err := s.Sabotaged(manifests)
	if err == nil {
		if _, err = stage.ReadManifest(broken, s.ID); err != nil {
			err = fmt.Errorf("claim %s: its sabotage makes the manifest invalid: %w", s.ID, err)
		}
	}
	return errors.Join(append(errs, err)...)
}

// Sabotaged returns a file system that contains only the claim's changed manifest.
func (s Scenario) Sabotaged(manifests fs.FS) (fs.FS, error) {
	path := stage.ManifestPath(s.ID)
	text, err := fs.ReadFile(manifests, path)
	if err != nil {
		return nil, fmt.Errorf("claim %s: its sabotage cannot be applied: %w", s.ID, err)
	}
	if n := strings.Count(string(text), s.Sabotage.Replace); n != 1 {
		return nil, fmt.Errorf("claim %s: its sabotage cannot be applied: %s contains the text in Replace %d times, and must contain it once: %q",
			s.ID, stage.ManifestFile(s.ID), n, s.Sabotage.Replace)
	}
	text = bytes.Replace(text, []byte(s.Sabotage.Replace), []byte(s.Sabotage.By), 1)
	return fstest.MapFS{path: {Data: text}}, nil
}

// Unnoticed returns why a sabotage was not noticed; empty if it was.
func (s Scenario) Unnoticed(entry *evidence.Claim) string {
	i := slices.Index(s.Points, s.Sabotage.Point)
	if verdict.Contradicted(&entry.Points[i]) {
		return ""
	}
	return fmt.Sprintf("the sabotage (%q became %q) was not noticed: the point %q did not come out otherwise", s.Sabotage.Replace, s.Sabotage.By, s.Sabotage.Point.Says)
}
