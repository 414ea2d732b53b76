package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/stage"
)

// Sabotage is a change to a claim's manifest under which one of its points must come out other than expected. It proves
// that the scenario can fail: make sabotage runs the scenarios so, and wants each to report the drift. The zero value
// is none.
type Sabotage struct {
	// Replace is a text of the manifest that stands there just once, and By what is put in its place.
	Replace, By string
	// Point is the one that must be reported.
	Point string
}

// check reports what is wrong with a sabotage itself.
func (one Scenario) checkSabotage(manifests fs.FS) error {
	if one.Sabotage == (Sabotage{}) {
		return nil
	}
	var errs []error
	if _, has := one.Claim.Point(one.Sabotage.Point); !has {
		errs = append(errs, fmt.Errorf("claim %s: its sabotage names %q, which is none of its points", one.ID, one.Sabotage.Point))
	}
	broken, err := one.sabotaged(manifests)
	if err == nil {
		_, err = stage.ReadManifest(broken, one.ID)
	}
	return errors.Join(append(errs, err)...)
}

// sabotaged is the manifests with the claim's own one changed.
func (one Scenario) sabotaged(manifests fs.FS) (fs.FS, error) {
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

// unnoticed says why a sabotage was not noticed as it should have been; empty when it was.
func (one Scenario) unnoticed(entry *evidence.Claim) string {
	for i := range entry.Points {
		if entry.Points[i].Says == one.Sabotage.Point && contradicts(&entry.Points[i]) && entry.Drift {
			return ""
		}
	}
	return fmt.Sprintf("the sabotage (%q became %q) was not noticed: the point %q did not drift", one.Sabotage.Replace, one.Sabotage.By, one.Sabotage.Point)
}
