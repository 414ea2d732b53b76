package claim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Claim is a sentence of the notes and what is expected of it.
type Claim struct {
	// ID is "topic.slug", for example "pod.localhost". The scenario's file, its manifest and its test share it.
	ID string
	// Quote is the notes' own text, word for word. Line breaks and runs of spaces are compared as one space.
	Quote string
	// At says which of several places the quote means. If it is zero, the quote must occur only once in the notes.
	At Place
	// Points are the propositions that the quote asserts, in the quote's order. There must be at least one.
	Points []*Point
	// Correction is a correct sentence in place of the quote. It is required, in English and in the language of the notes, unless
	// every point is expected to be true in every version.
	Correction Text
	// Remark is what a reader should learn beside the verdict. It is optional.
	Remark Remark
	// Needs are what the cluster must be able to do for the scenario to run. Every scenario needs a Ready node.
	Needs []Need
	// Alone is set for a scenario that must not run concurrently with others, because it disturbs the cluster or measures it.
	Alone bool
}

// Place is one of several places at which the same words occur in the notes.
type Place struct {
	// Under is the nearest heading above, without its marks; empty means any. Notes that are not Markdown have no headings.
	Under string `json:"under,omitempty"`
	// Nth is the number of the place, from 1, among those under that heading; 0 means that there must be only one.
	Nth int `json:"nth,omitempty"`
}

// Point is one proposition of a claim. A scenario refers to it by its pointer, so that the compiler finds misspelled names.
type Point struct {
	// Says is the proposition as an English sentence: "the container over its limit is killed". Records refer to the point by it.
	Says string
	// SaysKO is the proposition in Korean, which notes in Korean require. See KO.
	SaysKO string
	// Expect is the expected truth, which may depend on the Kubernetes version and on properties of the cluster. The zero value equals False; write False.
	Expect Truth
}

// P returns a new point that is said in English only.
func P(says string, expect Truth) *Point { return &Point{Says: says, Expect: expect} }

// KO sets what the point says in Korean, and returns the point.
func (p *Point) KO(says string) *Point {
	p.SaysKO = says
	return p
}

// Text returns the proposition in all its languages.
func (p *Point) Text() Text { return Text{EN: p.Says, KO: p.SaysKO} }

// Text is a sentence in the languages of the notes' readers.
type Text struct {
	KO string `json:"ko,omitempty"`
	EN string `json:"en,omitempty"`
}

// Need is something that a scenario needs of a cluster. Package lab finds out whether the cluster meets it.
type Need string

// The needs that a claim can have.
const (
	TwoWorkers       Need = "two workers"                    // two nodes that take Pods
	OutsideMachine   Need = "an outside machine"             // a machine on the nodes' network that is not part of the cluster
	NoLoadBalancer   Need = "no load balancer plugin"        // until the scenario itself installs one
	LoadBalancer     Need = "a load balancer plugin"         // a Service of type LoadBalancer gets an address
	LayerTwoBalancer Need = "a layer 2 load balancer"        // a single node announces an external IP on the nodes' network
	NodeAccess       Need = "access to nodes"                // commands can be run on a node
	BreakNodes       Need = "permission to break a node"     // a node may be stopped and started again
	StorageClass     Need = "a default storage class"        // a PersistentVolumeClaim without a class is provisioned
	ClusterMutation  Need = "permission to change a cluster" // objects outside of the run's own namespaces may be created
	NodeLabels       Need = "permission to label a node"
	NodeMemory       Need = "permission to fill a node" // nearly all memory of a node may be requested
)

// needs are all of them.
var needs = [...]Need{TwoWorkers, OutsideMachine, NoLoadBalancer, LoadBalancer, LayerTwoBalancer, NodeAccess, BreakNodes, StorageClass, ClusterMutation, NodeLabels, NodeMemory}

// Topic returns the part of the ID before the dot.
func (c Claim) Topic() string { topic, _, _ := strings.Cut(c.ID, "."); return topic }

// Slug returns the part of the ID after the dot.
func (c Claim) Slug() string { _, slug, _ := strings.Cut(c.ID, "."); return slug }

// Has returns whether the point belongs to the claim.
func (c Claim) Has(p *Point) bool { return slices.Contains(c.Points, p) }

// Expected returns the verdict that is expected in this setting.
func (c Claim) Expected(s Setting) Verdict {
	observed := make([]Observed, len(c.Points))
	for i, p := range c.Points {
		observed[i] = Saw(p.Expect.At(s))
	}
	return Judge(observed)
}

// Unknown returns a property on which the expected verdict depends and that is not known in this setting; empty if there is none.
func (c Claim) Unknown(s Setting) Property {
	for _, p := range c.Points {
		if unknown := p.Expect.Unknown(s); unknown != "" {
			return unknown
		}
	}
	return ""
}

// AlwaysHolds returns whether every point is expected to be true in every version, on every cluster.
func (c Claim) AlwaysHolds() bool {
	return !slices.ContainsFunc(c.Points, func(p *Point) bool { return p == nil || p.Expect != True })
}

// longestID is the maximum length of an ID. The longest name that contains it, "np-pod-localhost-sweep-x7k2p", is used as the
// name of a namespace and as the value of a label, which both have at most 63 characters.
const longestID = 63 - len("np-") - len("-sweep") - len("-x7k2p")

var idForm = regexp.MustCompile(`^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$`)

// CheckID returns why an ID is invalid: it must read topic.slug in lower case, and fit into the name of a namespace.
func CheckID(id string) error {
	if !idForm.MatchString(id) {
		return errors.New("the ID must read topic.slug in lower case, such as pod.localhost")
	}
	if len(id) > longestID {
		return fmt.Errorf("the ID has %d characters: at most %d fit into the name of a namespace", len(id), longestID)
	}
	return nil
}

// Check returns all errors in the claim itself. It does not check the quote against the notes.
func (c Claim) Check() error {
	var errs []error
	bad := func(format string, a ...any) {
		errs = append(errs, fmt.Errorf("claim %s: "+format, append([]any{c.ID}, a...)...))
	}
	if err := CheckID(c.ID); err != nil {
		bad("%w", err)
	}
	if strings.TrimSpace(c.Quote) == "" {
		bad("it quotes nothing")
	}
	if c.At.Nth < 0 {
		bad("its quote is occurrence %d: occurrences are counted from 1", c.At.Nth)
	}
	if len(c.Points) == 0 {
		bad("it has no points")
	}
	seen := map[string]bool{}
	for i, p := range c.Points {
		if p == nil {
			bad("point %d is nil", i+1)
			continue
		}
		if strings.TrimSpace(p.Says) == "" {
			bad("point %d says nothing: write the proposition in claim.P", i+1)
			continue
		}
		if seen[p.Says] {
			bad("the point %q is in the list twice", p.Says)
		}
		seen[p.Says] = true
	}
	for _, need := range c.Needs {
		if !slices.Contains(needs[:], need) {
			bad("there is no need %q: the constants of type claim.Need are all there are", need)
		}
	}
	if err := c.Remark.check(); err != nil {
		bad("%w", err)
	}
	if !c.AlwaysHolds() && c.Correction.EN == "" {
		bad("a point is not always expected to be true, so it needs a correction in English")
	}
	return errors.Join(errs...)
}
