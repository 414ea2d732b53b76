// Package evidence holds the record of one run: what was claimed, what was expected, what was seen and when. Every
// report is made from it alone. The Recorder writes it to disk as things happen, so a run that is cut off leaves
// behind all that it had found out.
package evidence

import (
	"time"

	"github.com/noteproof/noteproof/harness/claim"
)

// Schema is the version of the record's JSON form. It goes up when a reader of the old form would be misled; new
// fields alone do not raise it.
const Schema = 1

// Record is one run. Its JSON form is out/<version>/verdicts.json.
type Record struct {
	Schema int `json:"schema"` // the constant Schema
	// Version is the server's version as the server itself reported it, such as "v1.37.2"; empty when no server answered.
	Version string `json:"version"`
	// Wanted is the version that was asked for, exact where it could be found out; empty on a cluster that somebody else made.
	Wanted string `json:"wanted,omitempty"`
	// Partial is true while the run goes on, after it was cut off, and when only some claims were chosen.
	Partial  bool      `json:"partial"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	// Failure says why the run could not go on, for example that no cluster came up; empty when it could.
	Failure     string      `json:"failure,omitempty"`
	Environment Environment `json:"environment"`
	// Disturbance is what was done to the cluster on purpose; nil in an ordinary run.
	Disturbance *Disturbance `json:"disturbance,omitempty"`
	Claims      []*Claim     `json:"claims"`
}

// The kinds of disturbances.
const (
	Break = "break" // a mechanism that is taken away
	Fault = "fault" // trouble for a while
)

// Disturbance is what was done to a cluster on purpose.
type Disturbance struct {
	Name string `json:"name"`
	Does string `json:"does"`                                    // one sentence
	Kind string `json:"kind" jsonschema:"enum=break,enum=fault"` // a mechanism that is taken away, or trouble for a while
	// Turns are the points that must come out other than expected; of a fault there are none.
	Turns []PointRef `json:"turns,omitempty"`
	// Tolerates are points that may do so as well.
	Tolerates []PointRef `json:"tolerates,omitempty"`
	Began     time.Time  `json:"began,omitzero"`
	Ended     time.Time  `json:"ended,omitzero"`
	// Failure says why it could not be applied or undone; empty when it could.
	Failure string `json:"failure,omitempty"`
}

// PointRef names a point of a claim.
type PointRef struct {
	Claim string `json:"claim"`
	Point string `json:"point"`
	Why   string `json:"why,omitempty"`
}

// Environment is where the run took place. Every field is observed, never copied from what was asked for.
type Environment struct {
	// Noteproof is the noteproof that made the record: its module's version, or the commit of its checkout with "-dirty"
	// behind it when files differ. Empty when neither is known.
	Noteproof        string       `json:"noteproof,omitempty"`
	Engine           string       `json:"engine,omitempty"` // "podman 4.3.1"
	Cluster          string       `json:"cluster,omitempty"`
	NodeImage        string       `json:"nodeImage,omitempty"`
	NodeImageDigest  string       `json:"nodeImageDigest,omitempty"`
	WorkloadImage    string       `json:"workloadImage,omitempty"`
	ContainerRuntime string       `json:"containerRuntime,omitempty"` // "containerd://2.4.2"
	CNI              string       `json:"cni,omitempty"`
	KubeProxyMode    string       `json:"kubeProxyMode,omitempty"`
	Kernel           string       `json:"kernel,omitempty"`
	CgroupVersion    string       `json:"cgroupVersion,omitempty"` // "v1" or "v2"
	OS               string       `json:"os,omitempty"`
	Architecture     string       `json:"architecture,omitempty"`
	CPUs             int          `json:"cpus,omitempty"`
	MemoryMiB        int64        `json:"memoryMiB,omitempty"`
	Nodes            []Node       `json:"nodes,omitempty"`
	Adaptations      []Adaptation `json:"adaptations,omitempty"`
	// Reused is true when the cluster was there before the run.
	Reused bool `json:"reused"`
	// Adopted is true when somebody else made the cluster, which Cluster then names as the kubeconfig does.
	Adopted bool `json:"adopted,omitempty"`
}

// Node is one node of the cluster.
type Node struct {
	Name    string `json:"name"`
	Role    string `json:"role"` // "control-plane" or "worker"
	Version string `json:"version"`
	Address string `json:"address"`
}

// Adaptation is one thing that was done differently because this host asked for it.
type Adaptation struct {
	Found string `json:"found"` // what the host is like
	Did   string `json:"did"`   // what was done about it
}

// Claim is what a run has to say of one claim.
type Claim struct {
	ID         string        `json:"id" jsonschema:"pattern=^[a-z]+\\.[a-z0-9]+(-[a-z0-9]+)*$"` // topic.slug
	Quote      string        `json:"quote"`                                                     // the notes' own text, word for word
	At         claim.Place   `json:"at,omitzero"`                                               // which of several places the quote means
	Correction claim.Text    `json:"correction,omitzero"`
	Verdict    claim.Verdict `json:"verdict"`
	Expected   claim.Verdict `json:"expected"`
	// Drift is true when a point was observed to be other than expected for this version.
	Drift bool `json:"drift"`
	// Reason says why the claim is inconclusive or was not run, or in which point it drifted; else it is empty.
	Reason string `json:"reason,omitempty"`
	// Flip is what the claim was when it was last answered, where a point was seen to be other than it is now.
	Flip    *Flip     `json:"flip,omitempty"`
	Points  []Point   `json:"points"`
	Control []Control `json:"control"` // the witnesses and contrasts
	Started time.Time `json:"started,omitzero"`
	Seconds float64   `json:"seconds"`
	// Reproduce is a command line that runs just this claim again.
	Reproduce string     `json:"reproduce"`
	Namespace string     `json:"namespace,omitempty"`
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`
}

// Point is one proposition, what was expected of it and what was seen.
type Point struct {
	Says     string         `json:"says"`
	Expected bool           `json:"expected"`
	Observed claim.Observed `json:"observed"` // true, false, or null when it could not be seen
	// Unproven says why Observed is null; empty when it is not.
	Unproven string     `json:"unproven,omitempty"`
	Evidence []Evidence `json:"evidence"`
	// Witnesses and Contrasts name the controls of the claim that stand behind this point.
	Witnesses []string `json:"witnesses,omitempty"`
	Contrasts []string `json:"contrasts,omitempty"`
	// NoContrast says why there can be no contrast; empty when there is one.
	NoContrast string `json:"noContrast,omitempty"`
}

// ControlKind distinguishes the two kinds of controls.
type ControlKind string

// The kinds. Records of earlier versions have controls of neither.
const (
	// Witness shows, without the mechanism in question, that client, server and probe work.
	Witness ControlKind = "witness"
	// Contrast is the same mechanism where the answer must come out the other way.
	Contrast ControlKind = "contrast"
)

// Control is a witness or a contrast, which stands behind the answers to points. A witness shows, without the mechanism in
// question, that client, server and probe work; a contrast is the same mechanism where the answer must come out the other way.
type Control struct {
	Says string `json:"says"`
	// Kind is absent in records of earlier versions, whose controls stand behind all points.
	Kind ControlKind `json:"kind,omitempty" jsonschema:"enum=witness,enum=contrast"`
	// Passed is true when all of its looks came out as wanted.
	Passed bool `json:"passed"`
	// Fell is true when it was observed to come out the other way, which is more than not having passed.
	Fell     bool       `json:"fell,omitempty"`
	Evidence []Evidence `json:"evidence"`
}

// Evidence is what was seen of one thing, by one look or by many.
type Evidence struct {
	At time.Time `json:"at"`
	// Looked is what was looked at, such as "Pods app=bare".
	Looked string `json:"looked"`
	// Wanted is what the look was compared with, such as "to be ready".
	Wanted string `json:"wanted,omitempty"`
	// Saw is what was there at the last look. It is text from the cluster: escape it where you show it.
	Saw string `json:"saw"`
	// Seconds is how long was watched: until it came, or for an absence the whole window.
	Seconds float64 `json:"seconds,omitempty"`
	// Truth is what this shows of the point or the control; null when it shows nothing.
	Truth claim.Observed `json:"truth"`
	// Why says why Truth is null; empty when it is not.
	Why string `json:"why,omitempty"`
	// Supporting is true for a look that belongs with a point and does not decide it, such as an exception to it.
	Supporting bool `json:"supporting,omitempty"`
	// Looks are the single looks; nil in records of earlier versions.
	Looks *Looks `json:"looks,omitempty"`
	// Health is the state of the cluster when the answer was contrary to what is expected; nil when it was not.
	Health *Health `json:"health,omitempty"`
}

// Looks says how often was looked, and what came of it.
type Looks struct {
	Count int       `json:"count"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	// LargestGap is the longest time, in seconds, in which no look could be had.
	LargestGap float64 `json:"largestGap"`
	// Failed is how many of the looks could not be had, and Failure why the first of these could not.
	Failed  int    `json:"failed,omitempty"`
	Failure string `json:"failure,omitempty"`
	// True, False and Neither are the looks with each outcome; nil when there were none.
	True    *Outcome `json:"true,omitempty"`
	False   *Outcome `json:"false,omitempty"`
	Neither *Outcome `json:"neither,omitempty"`
}

// Turned says whether looks at one thing showed first one answer and later the other.
func (l *Looks) Turned() bool { return l != nil && l.True.Times() > 0 && l.False.Times() > 0 }

// Outcome is the looks that came out one way.
type Outcome struct {
	Count int   `json:"count"`
	First Sight `json:"first"`
	// Last is the zero value when there was one look only.
	Last Sight `json:"last,omitzero"`
}

// Sight is what one look saw. It is text from the cluster: escape it where you show it.
type Sight struct {
	At  time.Time `json:"at"`
	Saw string    `json:"saw"`
}

// With is the outcome with one more look. The receiver may be nil.
func (o *Outcome) With(sight Sight) *Outcome {
	if o == nil {
		return &Outcome{Count: 1, First: sight}
	}
	return &Outcome{Count: o.Count + 1, First: o.First, Last: sight}
}

// Times is how many looks there were. The receiver may be nil.
func (o *Outcome) Times() int {
	if o == nil {
		return 0
	}
	return o.Count
}

// Health is the state of the cluster at a time.
type Health struct {
	At time.Time `json:"at"`
	// Checked names what was looked at, such as "API server" or "kube-proxy".
	Checked []string `json:"checked"`
	// Problems lists what was not whole; empty when all was.
	Problems []string `json:"problems"`
}

// Diagnosis is what a person needs who wants to know why, taken before anything was deleted. All of it is text from the
// cluster: escape it where you show it.
type Diagnosis struct {
	Events []string `json:"events"`
	Pods   []string `json:"pods"`
	Logs   []Log    `json:"logs"`
	// Nodes, System and SystemEvents tell of the cluster itself: the nodes' conditions, the Pods of kube-system, and the
	// events of nodes and of kube-system in the time of the claim.
	Nodes        []string `json:"nodes,omitempty"`
	System       []string `json:"system,omitempty"`
	SystemEvents []string `json:"systemEvents,omitempty"`
	// Missing lists what could not be collected, and why.
	Missing []string `json:"missing,omitempty"`
}

// Log is what one container wrote, its last lines when it wrote much.
type Log struct {
	Pod       string `json:"pod"`
	Container string `json:"container"`
	Previous  bool   `json:"previous,omitempty"` // of the instance before the last restart
	Text      string `json:"text"`
}

// Records is several runs. Its JSON form is out/verdicts.json.
type Records struct {
	Schema  int       `json:"schema"`
	Records []*Record `json:"records"`
}

// Kubernetes is the version that the record is about: the one that the server reported, or where no server answered the
// one that was asked for; empty when neither is known.
func (r *Record) Kubernetes() string {
	if r.Version != "" {
		return r.Version
	}
	return r.Wanted
}

// Label is what the record is called among others: "v1.37.2", or "v1.25.16, no cluster" where no server answered.
func (r *Record) Label() string {
	switch {
	case r.Version != "":
		return r.Version
	case r.Wanted != "":
		return r.Wanted + ", no cluster"
	default:
		return "unknown version"
	}
}

// Failed says whether this claim fails the run: it drifted, it flipped unexpectedly, or it is inconclusive.
func (c *Claim) Failed() bool {
	return c.Drift || c.Flip.Fails() || c.Verdict == claim.Inconclusive
}

// Failed says whether the run failed, and so what its exit status is.
func (r *Record) Failed() bool {
	if r.Failure != "" {
		return true
	}
	for _, c := range r.Claims {
		if c.Failed() {
			return true
		}
	}
	return false
}
