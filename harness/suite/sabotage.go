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

// Sabotages returns all changes that make sabotage makes to the scenario's manifest; nil if there is none.
func (s Scenario) Sabotages() []Sabotage {
	if s.Sabotage == (Sabotage{}) {
		return nil
	}
	return append([]Sabotage{s.Sabotage}, s.Also...)
}

// checkSabotage returns the errors in the sabotages themselves.
func (s Scenario) checkSabotage(manifests fs.FS) error {
	if s.Sabotage == (Sabotage{}) {
		if len(s.Also) > 0 {
			return fmt.Errorf("claim %s: it has further sabotages but no first one", s.ID)
		}
		return nil
	}
	var errs []error
	seen := map[*claim.Point]bool{}
	for _, sabotage := range s.Sabotages() {
		if !s.Claim().Has(sabotage.Point) {
			errs = append(errs, fmt.Errorf("claim %s: the point of its sabotage does not belong to the claim", s.ID))
		}
		if seen[sabotage.Point] {
			errs = append(errs, fmt.Errorf("claim %s: two of its sabotages have the same point", s.ID))
		}
		seen[sabotage.Point] = true
		if sabotage.By == sabotage.Replace {
			errs = append(errs, fmt.Errorf("claim %s: its sabotage changes nothing: Replace and By are equal", s.ID))
		}
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
	for _, sabotage := range s.Sabotages() {
		if n := strings.Count(string(text), sabotage.Replace); n != 1 {
			return nil, fmt.Errorf("claim %s: its sabotage cannot be applied: %s contains the text in Replace %d times, and must contain it once: %q",
				s.ID, stage.ManifestFile(s.ID), n, sabotage.Replace)
		}
		text = bytes.Replace(text, []byte(sabotage.Replace), []byte(sabotage.By), 1)
	}
	return fstest.MapFS{path: {Data: text}}, nil
}

// Unnoticed returns why a sabotage was not noticed; empty if all were.
func (s Scenario) Unnoticed(entry *evidence.Claim) string {
	var words []string
	for _, sabotage := range s.Sabotages() {
		if i := slices.Index(s.Points, sabotage.Point); !verdict.Contradicted(&entry.Points[i]) {
			words = append(words, fmt.Sprintf("the sabotage (%q became %q) was not noticed: the point %q did not come out otherwise",
				sabotage.Replace, sabotage.By, sabotage.Point.Says))
		}
	}
	return strings.Join(words, "; ")
}
