package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/notes"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Scenario is a claim and how it is tested on a cluster. The body runs in its own namespace, after the claim's manifest was
// applied there, concurrently with other scenarios unless Alone is set.
type Scenario struct {
	// The fields of claim.Claim.
	ID, Quote  string
	At         claim.Place
	Points     []*claim.Point
	Correction claim.Text
	Remark     claim.Remark
	Needs      []claim.Need
	Alone      bool
	// Namespace is the namespace that the notes name; empty means a namespace with a unique name. It requires
	// claim.ClusterMutation. The claim is not run on a cluster that has the namespace already.
	Namespace string
	Body      func(*scenario.S)
	// Sabotage is how make sabotage breaks the scenario on purpose; make sabotage skips a scenario without one.
	Sabotage Sabotage
	// Also are further changes, which make sabotage makes at the same time; each must be noticed at its own point. So they must not
	// keep each other's points from being looked at.
	Also []Sabotage
}

// Suite is the notes and the scenarios that prove them.
type Suite struct {
	// Notes is the text of the notes, which must contain every quote. It is annotated in Korean if it contains Hangul, else in
	// English.
	Notes string
	// NotClaims are the parts of the notes that assert nothing testable. Every other line must be quoted by a claim. If it is
	// nil, the lines are not checked.
	NotClaims []notes.NotAClaim
	// Catalogue is the path of the claims' catalogue, relative to the directory of the test package; noteproof check requires
	// that it is up to date. Empty if there is none.
	Catalogue string
	// Manifests holds <topic>/<slug>.yaml for each claim. They contain placeholders for what is unique to a run: "agnhost" for
	// the image, "worker-1" and so on for nodes, "own-name" for a name that must differ from other runs', and "node-folder" for
	// the path of a directory on the nodes, which is not created, and is removed after the claim. An object with the annotation
	// noteproof.dev/later is created by the body with s.Create. Of a Pod with the annotation noteproof.dev/if-allowed, the init container
	// that it names is left out on an existing cluster on which no privileged Pods are allowed.
	//
	// clusters/<name>.yaml is a variant of the cluster, which is run with K8S=v1.37.2+<name>: a Cluster of kind.x-k8s.io/v1alpha4,
	// as in the file of kind create cluster --config, and optionally further documents, manifests to apply to the new cluster.
	Manifests fs.FS
	// Images are images that manifests use in addition to agnhost, by their full names: "localhost/mine:1". The container
	// engine must have them or be able to pull them. They are loaded onto the nodes of a cluster that the run creates. An
	// existing cluster pulls them itself.
	Images []string
	// Scenarios are listed in the order of the reports.
	Scenarios []Scenario
	// Breaks and Faults are what is done to the cluster to prove the scenarios themselves.
	Breaks []Break
	Faults []Fault
	// Unturned are points that no break turns, with the reasons.
	Unturned map[*claim.Point]string
}

// Check returns the errors that would prevent a run and can be found without a cluster: an invalid claim, a duplicate ID, a quote that is not in the
// notes, a line of the notes that is not covered, a manifest that is missing, has an unknown field or belongs to no claim.
func (s Suite) Check() error {
	var errs []error
	text := notes.Parse(s.Notes)
	if err := text.Valid(); err != nil {
		return err // quotes cannot be searched
	}
	used := map[string]bool{}           // the manifests of the claims and the variants
	points := map[*claim.Point]string{} // the claim of each
	for _, sc := range s.Scenarios {
		path := stage.ManifestPath(sc.ID)
		if used[path] {
			errs = append(errs, fmt.Errorf("two scenarios of the list have the ID %s", sc.ID))
		}
		used[path] = true
		errs = append(errs, sc.Claim().Check())
		if !sc.Claim().AlwaysHolds() && text.Language() == notes.Korean && sc.Correction.KO == "" { // Claim.Check requires an English one
			errs = append(errs, fmt.Errorf("claim %s: a point is not always expected to be true, so it needs a correction in Korean, the language of the notes", sc.ID))
		}
		if sc.Remark.EN != "" && text.Language() == notes.Korean && sc.Remark.KO == "" {
			errs = append(errs, fmt.Errorf("claim %s: its remark needs a text in Korean, the language of the notes", sc.ID))
		}
		if _, _, err := text.Find(notes.Quote{Text: sc.Quote, At: sc.At}); err != nil && s.NotClaims == nil { // otherwise text.Check reports it
			errs = append(errs, fmt.Errorf("claim %s: %w", sc.ID, err))
		}
		if sc.Namespace != "" && !sc.Asks(claim.ClusterMutation) {
			errs = append(errs, fmt.Errorf("claim %s names its namespace, so it needs %s", sc.ID, claim.ClusterMutation))
		}
		if sc.Body == nil {
			errs = append(errs, fmt.Errorf("claim %s has no body", sc.ID))
		}
		for _, point := range sc.Points {
			if point != nil && text.Language() == notes.Korean && strings.TrimSpace(point.SaysKO) == "" {
				errs = append(errs, fmt.Errorf("claim %s: the point %q needs a sentence in Korean, the language of the notes: append .KO(…)", sc.ID, point.Says))
			}
			if other, taken := points[point]; taken && point != nil && other != sc.ID {
				errs = append(errs, fmt.Errorf("the claims %s and %s have the same point, %q: make one for each with claim.P", other, sc.ID, point.Says))
			}
			points[point] = sc.ID
		}
		manifest, err := stage.ReadManifest(s.Manifests, sc.ID)
		if err != nil {
			errs = append(errs, err)
			continue // the sabotage changes this manifest, so it cannot be checked
		}
		if outside := manifest.OutsideNamespace(); len(outside) > 0 && !sc.Asks(claim.ClusterMutation) {
			errs = append(errs, fmt.Errorf("claim %s creates objects outside of its namespace, so it needs claim.ClusterMutation: %s", sc.ID, strings.Join(outside, ", ")))
		}
		errs = append(errs, sc.checkSabotage(s.Manifests))
	}
	for _, name := range s.Variants() {
		used[variantPath(name)] = true
		errs = append(errs, s.checkVariant(name))
	}
	errs = append(errs, checkBalancer(s.Scenarios), s.checkDisturbances())
	errs = append(errs, fs.WalkDir(s.Manifests, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !used[path] {
			return fmt.Errorf("the manifest %s belongs to no claim: add its scenario to the suite's list, or delete it", path)
		}
		return err
	}))
	if s.NotClaims != nil {
		errs = append(errs, text.Check(s.Claims(), s.NotClaims))
	}
	return errors.Join(errs...)
}

// Claims returns the claims of the suite, in its order.
func (s Suite) Claims() []claim.Claim {
	claims := make([]claim.Claim, len(s.Scenarios))
	for i, sc := range s.Scenarios {
		claims[i] = sc.Claim()
	}
	return claims
}

// Claim returns the claim that the scenario tests.
func (s Scenario) Claim() claim.Claim {
	return claim.Claim{ID: s.ID, Quote: s.Quote, At: s.At, Points: s.Points, Correction: s.Correction, Remark: s.Remark, Needs: s.Needs, Alone: s.Alone}
}

// Asks returns whether the scenario needs one of these.
func (s Scenario) Asks(these ...claim.Need) bool {
	return slices.ContainsFunc(these, func(need claim.Need) bool { return slices.Contains(s.Needs, need) })
}

// checkBalancer returns an error if claims would wait for each other.
func checkBalancer(scenarios []Scenario) error {
	var errs []error
	first := ""
	for _, s := range scenarios {
		if !s.Asks(claim.NoLoadBalancer) {
			continue
		}
		if first != "" {
			errs = append(errs, fmt.Errorf("the claims %s and %s both need %s, but one of them installs the plugin", first, s.ID, claim.NoLoadBalancer))
		}
		if s.Alone {
			errs = append(errs, fmt.Errorf("claim %s cannot run alone at the end: other claims wait until it has installed the load balancer plugin", s.ID))
		}
		first = s.ID
	}
	return errors.Join(errs...)
}
