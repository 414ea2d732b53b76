// Package claim says what a claim is and how its verdict follows from what was observed. It is pure: it touches no
// cluster, no file and no clock.
//
// A claim is one sentence of somebody's notes. It is cut into points, each one proposition as the notes mean it. A
// scenario observes each point to be true or false on a live cluster; Judge turns the observations into a verdict.
package claim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Claim is one sentence of the notes and what is expected of it.
type Claim struct {
	// ID is "topic.slug", for example "pod.localhost". The scenario's file, its manifest and its test share it.
	ID string
	// Quote is the notes' own text, word for word. Line breaks and runs of spaces are compared as one space.
	Quote string
	// At says which of several places the quote means; zero wants it to stand in the notes once.
	At Place
	// Points are the propositions that the quote asserts, in the quote's order. At least one.
	Points []*Point
	// Correction can stand in the quote's place. It is required, in English and in the language of the notes, unless every
	// point is expected to be true in every version.
	Correction Text
	// Needs is what the cluster must be able to do for the scenario to run; zero means nothing beyond a Ready node.
	Needs []Need
	// Alone is set for a scenario that disturbs the cluster itself; it then runs with no other beside it.
	Alone bool
}

// Place is one of several places at which the same words stand in the notes.
type Place struct {
	// Under is the nearest heading above, without its marks; empty is any. Notes that are not Markdown have none.
	Under string `json:"under,omitempty"`
	// Nth is which of the places it is, from 1, of those under that heading; 0 wants there to be one alone.
	Nth int `json:"nth,omitempty"`
}

// Point is one proposition of a claim. A scenario refers to it by its pointer, so that the compiler knows each.
type Point struct {
	// Says is the proposition, as one would say it aloud: "the container over its limit is killed".
	Says string
	// Expect is its truth, which may depend on the Kubernetes version. The zero value is always false; write False.
	Expect Truth
}

// P makes a point.
func P(says string, expect Truth) *Point { return &Point{Says: says, Expect: expect} }

// Text is a sentence in the languages of the notes' readers.
type Text struct {
	KO string `json:"ko,omitempty"`
	EN string `json:"en,omitempty"`
}

// Need is one thing that a scenario asks of a cluster. The lab finds out by probing whether it is there.
type Need string

// The needs that a claim can name.
const (
	TwoWorkers       Need = "two workers"                    // two nodes that take Pods
	OutsideMachine   Need = "an outside machine"             // a machine on the nodes' network that is not part of the cluster
	NoLoadBalancer   Need = "no load balancer plugin"        // until the scenario itself installs one
	LoadBalancer     Need = "a load balancer plugin"         // a Service of type LoadBalancer is given an address
	LayerTwoBalancer Need = "a layer 2 load balancer"        // one node announces an external IP on the nodes' network
	NodeAccess       Need = "access to nodes"                // commands can be run on a node
	BreakNodes       Need = "permission to break a node"     // a node may be stopped and started again
	StorageClass     Need = "a default storage class"        // a PersistentVolumeClaim without a class is provisioned
	ClusterMutation  Need = "permission to change a cluster" // objects outside of the run's own namespaces may be made
)

// Topic is the part of the ID before the dot.
func (c Claim) Topic() string { topic, _, _ := strings.Cut(c.ID, "."); return topic }

// Slug is the part of the ID after the dot.
func (c Claim) Slug() string { _, slug, _ := strings.Cut(c.ID, "."); return slug }

// Has says whether the point is one of the claim's.
func (c Claim) Has(p *Point) bool { return slices.Contains(c.Points, p) }

// Expected is the verdict that the claim expects in this version.
func (c Claim) Expected(v Version) Verdict {
	observed := make([]Observed, len(c.Points))
	for i, p := range c.Points {
		observed[i] = Saw(p.Expect.At(v))
	}
	return Judge(observed)
}

// AlwaysHolds says whether every point is expected to be true in every version.
func (c Claim) AlwaysHolds() bool {
	return !slices.ContainsFunc(c.Points, func(p *Point) bool { return p.Expect != True })
}

// longestID is how long an ID may be: the longest name made of it, "np-pod-localhost-sweep-x7k2p", is one of a namespace and
// the value of a label, which both have 63 characters at most.
const longestID = 63 - len("np-") - len("-sweep") - len("-x7k2p")

var idForm = regexp.MustCompile(`^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$`)

// Check reports everything that is wrong with the claim itself, all at once. It does not look at the notes.
func (c Claim) Check() error {
	var errs []error
	bad := func(format string, a ...any) {
		errs = append(errs, fmt.Errorf("claim %q: "+format, append([]any{c.ID}, a...)...))
	}
	if !idForm.MatchString(c.ID) {
		bad("the ID must read topic.slug in lower case")
	}
	if len(c.ID) > longestID {
		bad("the ID has %d characters: %d at most fit into the name of a namespace", len(c.ID), longestID)
	}
	if strings.TrimSpace(c.Quote) == "" {
		bad("it quotes nothing")
	}
	if c.At.Nth < 0 {
		bad("its quote is occurrence %d: they are counted from 1", c.At.Nth)
	}
	if len(c.Points) == 0 {
		bad("it has no points")
	}
	said := map[string]bool{}
	for i, p := range c.Points {
		if p == nil {
			bad("point %d is nil", i+1)
			continue
		}
		if strings.TrimSpace(p.Says) == "" {
			bad("point %d says nothing: write the proposition in claim.P", i+1)
			continue
		}
		if said[p.Says] {
			bad("the point %q stands there twice", p.Says)
		}
		said[p.Says] = true
	}
	if !c.AlwaysHolds() && c.Correction.EN == "" {
		bad("a point is not always expected to be true, so it needs a correction in English")
	}
	return errors.Join(errs...)
}
