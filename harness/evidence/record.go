package evidence

import (
	"time"

	"github.com/noteproof/noteproof/harness/claim"
)

// Schema is the version of the record's JSON form. It increases when a change is incompatible with existing readers. New fields
// do not increase it.
const Schema = 1

// Record is one run. Its JSON form is out/<version>/verdicts.json.
type Record struct {
	Schema int `json:"schema"` // the constant Schema
	// Version is the version that the API server reported, such as "v1.37.2"; empty if none answered.
	Version string `json:"version"`
	// Wanted is the version that was asked for, with its patch if that is known; empty on an existing cluster.
	Wanted string `json:"wanted,omitempty"`
	// Variant is the name of the variant of the cluster, such as "nftables": a configuration of kind that differs from noteproof's own;
	// absent for that one, and on an existing cluster.
	Variant string `json:"variant,omitempty"`
	// Shard is the part of the suite that the run was for, such as "2/4"; absent for the whole suite.
	Shard Shard `json:"shard,omitzero"`
	// Shards are the runs of which a joined record consists; absent for a single run.
	Shards []ShardRun `json:"shards,omitempty"`
	// Partial is true during the run, if it was interrupted or failed, and if only some claims were chosen.
	Partial bool `json:"partial"`
	// Started is when the record was created, after the cluster was acquired or could not be.
	Started time.Time `json:"started"`
	// Finished is when the run ended; absent during the run, and if it was interrupted.
	Finished time.Time `json:"finished,omitzero"`
	// Failure says why the run failed, for example that no cluster could be created; empty if it did not.
	Failure     string      `json:"failure,omitempty"`
	Environment Environment `json:"environment"`
	// Disturbance is what was done to the cluster on purpose; absent in an ordinary run.
	Disturbance *Disturbance `json:"disturbance,omitempty"`
	// Steps are what the run did besides the claims, such as to create the cluster, in the order in which the steps ended; absent during
	// the run, and in records of earlier versions.
	Steps []Step `json:"steps,omitempty"`
	// Claims are all claims of the suite, including those that were not run.
	Claims []*Claim `json:"claims"`
}

// Step is something that a run did.
type Step struct {
	What string `json:"what"`
	// At is when it began, and Seconds how long it took.
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"`
	// Failed is true if it failed.
	Failed bool `json:"failed,omitempty"`
}

// NotChosen is the reason of a claim that was not run because the run was for other claims.
const NotChosen = "not chosen for this run"

// NotBegun is the reason of a chosen claim until it begins, and of one that never did.
const NotBegun = "interrupted before it began"

// The kinds of disturbances.
const (
	Break = "break" // disables a mechanism
	Fault = "fault" // disturbs the cluster for a while
)

// Disturbance is what was done to a cluster on purpose.
type Disturbance struct {
	// Name is the name of the break or fault in the suite.
	Name string `json:"name"`
	// Does says what it does, in one sentence.
	Does string `json:"does"`
	// Kind is "break" for a disabled mechanism, or "fault" for a disturbance that lasts for a while.
	Kind string `json:"kind" jsonschema:"enum=break,enum=fault"`
	// Turns are the points that must come out other than expected; a fault has none.
	Turns []PointRef `json:"turns,omitempty"`
	// Tolerates are points that may also come out other than expected.
	Tolerates []PointRef `json:"tolerates,omitempty"`
	// Began is when it was first applied.
	Began time.Time `json:"began,omitzero"`
	// Ended is when it was last undone.
	Ended time.Time `json:"ended,omitzero"`
	// Failure says why it could not be applied or undone; empty if it could.
	Failure string `json:"failure,omitempty"`
}

// PointRef names a point of a claim.
type PointRef struct {
	// Claim is the ID of the claim.
	Claim string `json:"claim"`
	// Point is the proposition in English.
	Point string `json:"point"`
	// Why is the reason why a point is tolerated; otherwise it is empty.
	Why string `json:"why,omitempty"`
}

// Environment is where the run took place. Its fields are observed, not copied from what was asked for, except the name of the
// WorkloadImage on an existing cluster. A field is absent if it is unknown.
type Environment struct {
	// Noteproof is the version of noteproof that created the record: its module's version, or the commit of its checkout, with
	// the suffix "-dirty" if files differ.
	Noteproof string `json:"noteproof,omitempty"`
	// Engine is the container engine with its version, such as "podman 4.3.1"; absent on an existing cluster.
	Engine string `json:"engine,omitempty"`
	// Cluster is the name of the cluster; for an existing cluster its name in the kubeconfig.
	Cluster string `json:"cluster,omitempty"`
	// ClusterUID identifies an existing cluster: the UID of its namespace kube-system. It is absent if that cannot be read, and on
	// a cluster that noteproof created.
	ClusterUID string `json:"clusterUID,omitempty"`
	// NodeImage is the image of the nodes; absent on an existing cluster.
	NodeImage string `json:"nodeImage,omitempty"`
	// NodeImageDigest is the digest of the nodes' image; absent on an existing cluster.
	NodeImageDigest string `json:"nodeImageDigest,omitempty"`
	// WorkloadImage is the workload image with the digest that a node has; on an existing cluster without a digest if no Pod started.
	WorkloadImage string `json:"workloadImage,omitempty"`
	// Pulled are the references, by digest, from which images were pulled, in this run or an earlier one: of the nodes, the
	// workload and the load balancer plugin. Those that are absent were built here.
	Pulled []string `json:"pulled,omitempty"`
	// ContainerRuntime is the nodes' container runtime, such as "containerd://2.4.2".
	ContainerRuntime string `json:"containerRuntime,omitempty"`
	// CNI is the network plugin, recognized by its DaemonSet.
	CNI string `json:"cni,omitempty"`
	// KubeProxyMode is the mode of kube-proxy; on an existing cluster the one in its configuration.
	KubeProxyMode string `json:"kubeProxyMode,omitempty"`
	// IPFamily is the family of the addresses of Pods: "IPv4", "IPv6" or "dual-stack".
	IPFamily string `json:"ipFamily,omitempty"`
	// LoadBalancer is the load balancer plugin, which a scenario may have to install first: "MetalLB".
	LoadBalancer string `json:"loadBalancer,omitempty"`
	// Kernel is the nodes' kernel version.
	Kernel string `json:"kernel,omitempty"`
	// CgroupVersion is "v1" or "v2".
	CgroupVersion string `json:"cgroupVersion,omitempty"`
	// OS is the operating system of the machine; on an existing cluster that of the nodes.
	OS string `json:"os,omitempty"`
	// Architecture is the nodes' CPU architecture.
	Architecture string `json:"architecture,omitempty"`
	// CPUs is the number of CPUs of the machine; on an existing cluster the sum over the nodes.
	CPUs int `json:"cpus,omitempty"`
	// MemoryMiB is the memory of the machine in MiB; on an existing cluster the sum over the nodes.
	MemoryMiB int64 `json:"memoryMiB,omitempty"`
	// Nodes are the nodes of the cluster.
	Nodes []Node `json:"nodes,omitempty"`
	// Adaptations are what was done differently because of the machine.
	Adaptations []Adaptation `json:"adaptations,omitempty"`
	// Reused is true if the cluster existed before the run.
	Reused bool `json:"reused"`
	// Adopted is true for an existing cluster that noteproof did not create.
	Adopted bool `json:"adopted,omitempty"`
}

// Node is a node of the cluster.
type Node struct {
	Name    string `json:"name"`
	Role    string `json:"role"`    // "control-plane" or "worker"
	Version string `json:"version"` // of the kubelet
	Address string `json:"address"` // on the nodes' network
}

// Adaptation is something that was done differently because of the machine.
type Adaptation struct {
	Found string `json:"found"` // the property of the machine
	Did   string `json:"did"`   // what was done because of it
}

// Claim is the result of one claim.
type Claim struct {
	// ID is topic.slug.
	ID string `json:"id" jsonschema:"pattern=^[a-z]+\\.[a-z0-9]+(-[a-z0-9]+)*$"`
	// Quote is the notes' own text, word for word.
	Quote string `json:"quote"`
	// At says which of several places the quote means.
	At claim.Place `json:"at,omitzero"`
	// Correction is a correct sentence in place of the quote.
	Correction claim.Text `json:"correction,omitzero"`
	// Remark is what a reader should learn beside the verdict.
	Remark claim.Remark `json:"remark,omitzero"`
	// Verdict is the observed verdict.
	Verdict claim.Verdict `json:"verdict"`
	// Expected is the verdict that is expected for this version.
	Expected claim.Verdict `json:"expected"`
	// Drift is true if a point was observed to be other than expected for this version.
	Drift bool `json:"drift"`
	// Reason says why the claim is inconclusive or was not run, or which points drifted; otherwise it is empty.
	Reason string `json:"reason,omitempty"`
	// Flip is the last answer to the claim before this run, if a point was observed differently then; otherwise it is absent.
	Flip *Flip `json:"flip,omitempty"`
	// Points are the propositions of the claim, in the claim's order.
	Points []Point `json:"points"`
	// Control are the witnesses and contrasts.
	Control []Control `json:"control"`
	// Started is when the scenario began; absent if the claim was not run.
	Started time.Time `json:"started,omitzero"`
	// Seconds is how long the scenario took until its verdict; 0 if the claim was not run.
	Seconds float64 `json:"seconds"`
	// Reproduce is a command line that runs only this claim again.
	Reproduce string `json:"reproduce"`
	// Namespace is the namespace of the scenario; absent if the claim was not run.
	Namespace string `json:"namespace,omitempty"`
	// Diagnosis is the state of the cluster when the scenario ended; absent unless the claim fails the run.
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`
	// History are the earlier runs of the claim on the same version or cluster, the oldest first: those that are still kept.
	History []Past `json:"history,omitempty"`
}

// Past is an earlier run of a claim.
type Past struct {
	At      time.Time     `json:"at"`
	Verdict claim.Verdict `json:"verdict"`
	// Failed is true if the claim failed that run.
	Failed bool `json:"failed,omitempty"`
	// Seconds is how long the scenario took until its verdict.
	Seconds float64 `json:"seconds"`
	// Run is the name of the run's directory, next to that of this run.
	Run string `json:"run"`
}

// Point is one proposition, what was expected of it and what was observed.
type Point struct {
	// Says is the proposition in English. It identifies the point in other runs and in PointRef.
	Says string `json:"says"`
	// SaysKO is the proposition in Korean; absent if the notes are not in Korean, and in records of earlier versions.
	SaysKO string `json:"saysKO,omitempty"`
	// Expected is whether the proposition is expected to be true for this version.
	Expected bool `json:"expected"`
	// Observed is true, false, or null if the point was not observed.
	Observed claim.Observed `json:"observed"`
	// Unproven says why Observed is null; otherwise it is empty.
	Unproven string `json:"unproven,omitempty"`
	// Evidence is what was seen, in the order of the looks.
	Evidence []Evidence `json:"evidence"`
	// Witnesses are the sentences of the witnesses of this point.
	Witnesses []string `json:"witnesses,omitempty"`
	// Contrasts are the sentences of the contrasts of this point.
	Contrasts []string `json:"contrasts,omitempty"`
	// NoContrast says why there can be no contrast; empty if there is one.
	NoContrast string `json:"noContrast,omitempty"`
}

// Text returns the proposition in all its languages.
func (p Point) Text() claim.Text { return claim.Text{EN: p.Says, KO: p.SaysKO} }

// ControlKind distinguishes the two kinds of controls.
type ControlKind string

// The kinds. Controls in records of earlier versions have no kind.
const (
	// Witness shows that client, server and probe work without the mechanism in question.
	Witness ControlKind = "witness"
	// Contrast is the same mechanism where the answer must be the opposite one.
	Contrast ControlKind = "contrast"
)

// Control is a witness or a contrast of one or more points. A witness shows that client, server and probe work without the
// mechanism in question. A contrast is the same mechanism where the answer must be the opposite one.
type Control struct {
	// Says is what the control shows, in one sentence.
	Says string `json:"says"`
	// Kind is absent in records of earlier versions, whose controls belong to all points.
	Kind ControlKind `json:"kind,omitempty" jsonschema:"enum=witness,enum=contrast"`
	// Passed is true if there were looks and all of them matched.
	Passed bool `json:"passed"`
	// Fell is true if the opposite was observed, not only that a look failed.
	Fell bool `json:"fell,omitempty"`
	// Evidence is what was seen, in the order of the looks.
	Evidence []Evidence `json:"evidence"`
}

// Evidence is what one look, or repeated looks at the same thing, showed.
type Evidence struct {
	// At is when the looks began.
	At time.Time `json:"at"`
	// Looked is the name of the look, such as "Pods app=bare".
	Looked string `json:"looked"`
	// Wanted is what the result was compared with, such as "be ready".
	Wanted string `json:"wanted,omitempty"`
	// Saw is what the last look saw. It is text from the cluster: escape it where you show it.
	Saw string `json:"saw"`
	// Seconds is how long the looks took: until one decided, or the whole window.
	Seconds float64 `json:"seconds,omitempty"`
	// Truth is what this shows of the point or the control; null if it shows nothing.
	Truth claim.Observed `json:"truth"`
	// Why says why Truth is null; otherwise it is empty.
	Why string `json:"why,omitempty"`
	// Supporting is true for a look that belongs to a point but does not decide it, such as an exception to it.
	Supporting bool `json:"supporting,omitempty"`
	// Looks are statistics of the looks; absent in records of earlier versions.
	Looks *Looks `json:"looks,omitempty"`
	// Health is the state of the cluster, which is checked if the answer differs from the expected one; otherwise it is absent.
	Health *Health `json:"health,omitempty"`
}

// Looks are statistics of repeated looks.
type Looks struct {
	// Count is the number of looks, including those that failed.
	Count int `json:"count"`
	// From is when the looks began.
	From time.Time `json:"from"`
	// To is when the last look ended.
	To time.Time `json:"to"`
	// LargestGap is the longest time, in seconds, without a successful look.
	LargestGap float64 `json:"largestGap"`
	// Failed is the number of looks that failed.
	Failed int `json:"failed,omitempty"`
	// Failure is the error of the first look that failed; empty if none failed.
	Failure string `json:"failure,omitempty"`
	// True are the looks that showed the point or the control to be true; absent if there were none.
	True *Outcome `json:"true,omitempty"`
	// False are the looks that showed it to be false; absent if there were none.
	False *Outcome `json:"false,omitempty"`
	// Neither are the looks that showed neither; absent if there were none.
	Neither *Outcome `json:"neither,omitempty"`
}

// Turned returns whether a look showed that the point or the control is false after another had shown that it is true. The other way round is
// normal: looks wait until something happens.
func (l *Looks) Turned() bool {
	return l != nil && l.True.Times() > 0 && l.False.Times() > 0 && l.False.latest().After(l.True.First.At)
}

// latest returns when the last look was made.
func (o *Outcome) latest() time.Time {
	if o.Count == 1 {
		return o.First.At
	}
	return o.Last.At
}

// Outcome is the looks with the same outcome.
type Outcome struct {
	// Count is the number of these looks.
	Count int `json:"count"`
	// First is what the first of them saw.
	First Sight `json:"first"`
	// Last is what the last of them saw; absent if there was only one.
	Last Sight `json:"last,omitzero"`
}

// Sight is what one look saw.
type Sight struct {
	// At is when the look ended.
	At time.Time `json:"at"`
	// Saw is text from the cluster: escape it where you show it.
	Saw string `json:"saw"`
}

// With returns the outcome with one more look. The receiver may be nil.
func (o *Outcome) With(sight Sight) *Outcome {
	if o == nil {
		return &Outcome{Count: 1, First: sight}
	}
	return &Outcome{Count: o.Count + 1, First: o.First, Last: sight}
}

// Times returns the number of looks. The receiver may be nil.
func (o *Outcome) Times() int {
	if o == nil {
		return 0
	}
	return o.Count
}

// Health is the state of the cluster at a time.
type Health struct {
	At time.Time `json:"at"`
	// Checked are the parts of the cluster that were checked, such as "API server" or "kube-proxy".
	Checked []string `json:"checked"`
	// Problems lists what was not whole; empty if everything was.
	Problems []string `json:"problems"`
	// Added lists what the cluster adds to every namespace and Pod, and did to those of the claim, such as a container. It may be why the
	// answer is not as expected.
	Added []string `json:"added,omitempty"`
}

// Diagnosis is what helps to find the cause of a failed claim, collected before its objects are deleted. All of it is text from
// the cluster: escape it where you show it.
type Diagnosis struct {
	// Events are the events of the claim's namespace.
	Events []string `json:"events"`
	// Pods are the Pods of the claim's namespace.
	Pods []string `json:"pods"`
	// Logs are the logs of the containers of these Pods.
	Logs []Log `json:"logs"`
	// Nodes are the nodes with their conditions and taints.
	Nodes []string `json:"nodes,omitempty"`
	// System are the Pods of kube-system.
	System []string `json:"system,omitempty"`
	// SystemEvents are the events of nodes and of kube-system since the claim's namespace was created.
	SystemEvents []string `json:"systemEvents,omitempty"`
	// Missing lists what could not be collected, and why.
	Missing []string `json:"missing,omitempty"`
}

// Log is the end of the log of a container.
type Log struct {
	Pod       string `json:"pod"`
	Container string `json:"container"`
	Previous  bool   `json:"previous,omitempty"` // of the instance before the last restart
	Text      string `json:"text"`
}

// Records are several runs. Its JSON form is out/verdicts.json.
type Records struct {
	Schema  int       `json:"schema"`
	Records []*Record `json:"records"`
}

// Kubernetes returns the version that the record is about: the one that the server reported, or if no server answered the one
// that was asked for; empty if neither is known.
func (r *Record) Kubernetes() string {
	if r.Version != "" {
		return r.Version
	}
	return r.Wanted
}

// Target returns what the record is about: the version, with the name of the variant of the cluster if there is one, such as
// "v1.37.2+nftables". It is empty if Kubernetes is.
func (r *Record) Target() string { return r.variantOf(r.Kubernetes()) }

func (r *Record) variantOf(version string) string {
	if version == "" || r.Variant == "" {
		return version
	}
	return version + "+" + r.Variant
}

// Label returns a name that distinguishes the record from others: "v1.37.2", or "v1.25.16, no cluster" if no server answered.
func (r *Record) Label() string {
	switch {
	case r.Version != "":
		return r.variantOf(r.Version)
	case r.Wanted != "":
		return r.variantOf(r.Wanted) + ", no cluster"
	default:
		return "unknown version"
	}
}

// Failed returns whether this claim fails the run: it drifted, it flipped unexpectedly, or it is inconclusive.
func (c *Claim) Failed() bool {
	return c.Drift || c.Flip.Fails() || c.Verdict == claim.Inconclusive
}

// Failed returns whether the run failed.
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
