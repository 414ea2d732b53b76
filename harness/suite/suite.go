// Package suite declares what is to be proven: somebody's notes, the claims in them, and how each is tried. Check finds all
// that can be found wrong without a cluster.
package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Scenario is a claim and how it is tried on a cluster. The body runs in a namespace of its own in which the claim's
// manifest has been applied, concurrently with the other scenarios.
type Scenario struct {
	// The claim, field by field as in claim.Claim.
	ID, Quote  string
	At         claim.Place
	Points     []*claim.Point
	Correction claim.Text
	Needs      []claim.Need
	Alone      bool
	// Namespace is the one that the notes name; zero is one of the claim's own. It needs claim.ClusterMutation, and
	// is left alone where it exists.
	Namespace string
	Body      func(*scenario.S)
	// Sabotage is how make sabotage breaks the scenario on purpose; zero leaves it out.
	Sabotage Sabotage
}

// Suite is somebody's notes and the scenarios that prove them.
type Suite struct {
	// Notes is the text of the notes; every quote must stand in it. It is annotated in Korean where there is Hangul in it,
	// else in English.
	Notes string
	// NotClaims are the parts of the notes that assert nothing testable. Every other line must be quoted by a claim. Nil
	// leaves the lines unaccounted for.
	NotClaims []notes.NotAClaim
	// Catalogue is the path of the claims' catalogue, from the test package's folder; noteproof check wants it up to date.
	// Empty when there is none.
	Catalogue string
	// Manifests holds <topic>/<slug>.yaml for each claim. What is unique to a run stands in them as a word: the image
	// "agnhost", nodes as "worker-1" and so on, "own-name" wherever a name must not meet another run's, and "node-folder"
	// for the path of a folder on the nodes, which nobody makes and which is removed when the claim is done. An object
	// with the annotation noteproof.dev/later is created by the body, by s.Create.
	Manifests fs.FS
	// Images are images that manifests name in addition to agnhost, by their full names: "localhost/mine:1". The container
	// engine must have them or be able to pull them; they are loaded onto the nodes of a cluster of noteproof's own. Any other
	// cluster pulls them itself.
	Images []string
	// Scenarios are listed in the order of the reports.
	Scenarios []Scenario
	// Breaks and Faults are what is done to the cluster to prove the scenarios themselves; empty proves nothing of them.
	Breaks []Break
	Faults []Fault
	// Unturned are points that no break turns, and why.
	Unturned map[*claim.Point]string
}

// Check reports everything that can be found wrong without a cluster, all at once: a malformed claim, a doubled ID, a
// quote that does not stand in the notes, a line of the notes that is not covered, a manifest that is missing, carries an
// unknown field or serves no claim.
func (s Suite) Check() error {
	var errs []error
	text := notes.Parse(s.Notes)
	if err := text.Valid(); err != nil {
		return err // no quote can be looked for
	}
	served := map[string]bool{}
	for _, one := range s.Scenarios {
		if served[stage.ManifestPath(one.ID)] {
			errs = append(errs, fmt.Errorf("claim %s stands in the list twice", one.ID))
		}
		served[stage.ManifestPath(one.ID)] = true
		errs = append(errs, one.Claim().Check())
		if !one.Claim().AlwaysHolds() && text.Language() == notes.Korean && one.Correction.KO == "" { // Claim.Check wants an English one
			errs = append(errs, fmt.Errorf("claim %s: a point is not always expected to be true, so it needs a correction in Korean, the language of the notes", one.ID))
		}
		if _, _, err := text.Find(notes.Quote{Text: one.Quote, At: one.At}); err != nil && s.NotClaims == nil { // else the accounting reports it
			errs = append(errs, fmt.Errorf("claim %s: %w", one.ID, err))
		}
		if one.Namespace != "" && !one.Asks(claim.ClusterMutation) {
			errs = append(errs, fmt.Errorf("claim %s names its namespace, so it needs %s", one.ID, claim.ClusterMutation))
		}
		if one.Body == nil {
			errs = append(errs, fmt.Errorf("claim %s has no body", one.ID))
		}
		if _, err := stage.ReadManifest(s.Manifests, one.ID); err != nil {
			errs = append(errs, err)
			continue // a sabotage changes this manifest
		}
		errs = append(errs, one.checkSabotage(s.Manifests))
	}
	errs = append(errs, checkBalancer(s.Scenarios), s.checkDisturbances())
	errs = append(errs, fs.WalkDir(s.Manifests, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !served[path] {
			return fmt.Errorf("manifest %s serves no claim of the list", path)
		}
		return err
	}))
	if s.NotClaims != nil {
		errs = append(errs, text.Check(s.Claims(), s.NotClaims))
	}
	return errors.Join(errs...)
}

// Claims are the claims of the suite, in its order.
func (s Suite) Claims() []claim.Claim {
	claims := make([]claim.Claim, len(s.Scenarios))
	for i, one := range s.Scenarios {
		claims[i] = one.Claim()
	}
	return claims
}

// Claim is the claim that the scenario tries.
func (one Scenario) Claim() claim.Claim {
	return claim.Claim{ID: one.ID, Quote: one.Quote, At: one.At, Points: one.Points, Correction: one.Correction, Needs: one.Needs, Alone: one.Alone}
}

// Asks says whether the scenario needs one of these.
func (one Scenario) Asks(these ...claim.Need) bool {
	return slices.ContainsFunc(these, func(need claim.Need) bool { return slices.Contains(one.Needs, need) })
}

// checkBalancer reports claims that would wait for each other.
func checkBalancer(scenarios []Scenario) error {
	var errs []error
	first := ""
	for _, one := range scenarios {
		if !one.Asks(claim.NoLoadBalancer) {
			continue
		}
		if first != "" {
			errs = append(errs, fmt.Errorf("the claims %s and %s both need %s, which the first to install one ends", first, one.ID, claim.NoLoadBalancer))
		}
		if one.Alone {
			errs = append(errs, fmt.Errorf("claim %s cannot run alone at the end: others wait until it has installed a load balancer plugin", one.ID))
		}
		first = one.ID
	}
	return errors.Join(errs...)
}
