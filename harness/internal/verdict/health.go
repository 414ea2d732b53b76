package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TooCrowded is the number of runnable threads per processor from which on a cluster may do anything late. On an overloaded
// machine, a Service was seen to route for a minute and a half to a Pod that it no longer selected.
const TooCrowded = 12

// Part is a part of a cluster, other than the API server and the nodes, on which an answer may depend.
type Part string

// The parts. A claim relies on the parts that its looks go through.
const (
	DNS          Part = "DNS"
	ServiceProxy Part = "kube-proxy"
	PodNetwork   Part = "the CNI"
	Balancer     Part = "the load balancer plugin"
)

// PartTrouble is a problem of a part of the cluster.
type PartTrouble struct {
	Part Part
	Why  string
	At   time.Time // when it was last seen
	// Nodes is the number of nodes on which the part is missing; 0 if the problem is not that of single nodes.
	Nodes int
}

// Additions are what a cluster adds to every namespace and Pod, which is found out before the claims begin. The zero value means that it
// adds nothing.
type Additions struct {
	// Containers are the names of the containers that it injects.
	Containers []string
	// Policies are the names of the network policies that it puts into namespaces.
	Policies []string
	// Tolerations means that Pods get an unlimited toleration of lost nodes.
	Tolerations bool
}

// Outage is a period in which a part of the control plane did not work.
type Outage struct {
	What     string // such as "the API server did not answer"
	From, To time.Time
	Why      string // empty if the cause is unknown
}

func (o Outage) String() string {
	text := fmt.Sprintf("%s for %.1f s", o.What, o.To.Sub(o.From).Seconds())
	if o.Why != "" {
		text += ": " + o.Why
	}
	return text
}

// NodeTrouble is a problem of a node, as a predicate: "is not Ready: …".
type NodeTrouble struct{ Node, Why string }

// Facts are observations of the cluster during a scenario.
type Facts struct {
	// From is when the scenario began, or when the cluster was disturbed for it. To is when the observations ended.
	From, To time.Time
	Outages  []Outage
	// Nodes are the problems of nodes between From and To.
	Nodes []NodeTrouble
	// Stopped are the nodes that the scenario itself has stopped.
	Stopped []string
	// Spare is the spare worker, on which nothing of the scenario runs; empty if there is none, or the scenario uses it.
	Spare string
	// Pods and ReplicaSets are those of the claim's namespace.
	Pods        []corev1.Pod
	ReplicaSets []appsv1.ReplicaSet
	// Leading are the parts of the control plane whose leader election is watched.
	Leading []string
	// Unwatched are those of which it is unknown whether they worked, because they were never seen to renew their Lease.
	Unwatched []string
	// Absence is set if the answer is that something stayed away, which a part of the control plane could have brought.
	Absence bool
	// Relies are the parts that the looks went through, and since when they did. What a part was like before, such as a load
	// balancer plugin that was being installed, explains nothing.
	Relies map[Part]time.Time
	// Present are the parts that could be looked at, and Parts their problems between From and To.
	Present []Part
	Parts   []PartTrouble
	// UnknownParts is why some parts could not be looked at; empty if all could.
	UnknownParts string
	// Events are those of the claim's namespace, which is not older than the claim.
	Events []corev1.Event
	// Policies are the network policies of the claim's namespace that the claim did not create.
	Policies []networkingv1.NetworkPolicy
	// Usual is what the cluster adds to every namespace and Pod.
	Usual Additions
	// Crowd is the average number of runnable threads per processor of the cluster's machine; 0 if unknown.
	Crowd float64
	// Unknown lists the observations that failed.
	Unknown []string
}

// Problems lists the problems of the cluster. An answer other than expected is trusted only if the list is empty.
//
// It is not a problem if the cluster's owner has removed a part, such as kube-proxy, or excluded a node from it: answers that
// follow from the configuration count. It is a problem if a part has fewer ready Pods than its own object requests.
func Problems(f Facts) []string {
	problems := slices.Clone(f.Unknown)
	for _, outage := range f.Outages {
		if outage.To.After(f.From) && outage.From.Before(f.To) {
			problems = append(problems, outage.String())
		}
	}
	if f.Crowd >= TooCrowded {
		problems = append(problems, fmt.Sprintf("the machine was short of CPU: on average %.0f runnable threads for each processor", f.Crowd))
	}
	for _, trouble := range f.Nodes {
		if !slices.Contains(f.Stopped, trouble.Node) && trouble.Node != f.Spare {
			problems = append(problems, "node "+trouble.Node+" "+trouble.Why)
		}
	}
	for i := range f.Pods {
		if slices.Contains(f.Stopped, f.Pods[i].Spec.NodeName) {
			continue
		}
		if why := disturbed(&f.Pods[i]); why != "" {
			problems = append(problems, "Pod "+f.Pods[i].Name+": "+why)
		}
	}
	problems = append(problems, admitted(f.Pods, f.ReplicaSets, f.Usual)...)
	for _, set := range f.ReplicaSets {
		for _, c := range set.Status.Conditions {
			if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
				problems = append(problems, fmt.Sprintf("ReplicaSet %s cannot create its Pods: %s: %s", set.Name, c.Reason, c.Message))
			}
		}
	}
	for _, deployment := range rolledOut(f.ReplicaSets) {
		problems = append(problems, "Deployment "+deployment+" was given another Pod template, which is not the claim's")
	}
	for _, policy := range f.Policies {
		if _, relied := f.Relies[PodNetwork]; relied && !slices.Contains(f.Usual.Policies, policy.Name) {
			problems = append(problems, "the namespace was given the network policy "+policy.Name+", which is not the claim's")
		}
	}
	for _, trouble := range f.Parts {
		onStopped := trouble.Nodes > 0 && trouble.Nodes <= len(f.Stopped)
		if since, ok := f.Relies[trouble.Part]; ok && !trouble.At.Before(since) && !onStopped {
			problems = append(problems, trouble.Why)
		}
	}
	if f.UnknownParts != "" && len(f.Relies) > 0 {
		problems = append(problems, "whether DNS, kube-proxy and the CNI worked is unknown: "+f.UnknownParts)
	}
	for _, event := range f.Events {
		if len(f.Stopped) == 0 && (slices.Contains(takenAway[:], event.Reason) || slices.Contains(takenAway[:], event.Action)) {
			problems = append(problems, fmt.Sprintf("%s %s: %s: %s", event.InvolvedObject.Kind, event.InvolvedObject.Name, event.Reason, event.Message))
		}
	}
	if f.Absence {
		for _, name := range f.Unwatched {
			problems = append(problems, "whether "+name+" worked is unknown: it was not seen to renew its Lease")
		}
	}
	return problems
}

// Added lists what the cluster adds to all namespaces and Pods, and did to those of the claim. An answer other than expected does not count
// then, but that is no problem of the cluster.
func Added(f Facts) (added []string) {
	for _, policy := range f.Policies {
		if _, relied := f.Relies[PodNetwork]; relied && slices.Contains(f.Usual.Policies, policy.Name) {
			added = append(added, "namespaces are given the network policy "+policy.Name)
		}
	}
	for i := range f.Pods {
		spec := &f.Pods[i].Spec
		for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
			if slices.Contains(f.Usual.Containers, c.Name) {
				added = append(added, "the container "+c.Name+" is injected into Pods")
			}
		}
		if f.Usual.Tolerations && slices.ContainsFunc(spec.Tolerations, ToleratesLostNode) {
			added = append(added, "Pods are given an unlimited toleration of the taint "+corev1.TaintNodeUnreachable)
		}
	}
	slices.Sort(added)
	return slices.Compact(added)
}

// takenAway are the reasons and actions of events by which the scheduler, the kubelet, the taint manager and the descheduler say
// that they removed a Pod. The Pod itself may be gone.
var takenAway = [...]string{"Preempted", "Preempting", "Evicted", "TaintManagerEviction", "Descheduled"}

// admitted returns how admission webhooks or policies changed Pods of ReplicaSets so that a claim may come out otherwise: by
// containers that intercept traffic or use resources, and by tolerations for a lost node for ever. Pods are compared with the
// templates of their ReplicaSets. What the cluster adds to every Pod is left out.
func admitted(pods []corev1.Pod, sets []appsv1.ReplicaSet, usual Additions) (problems []string) {
	for i := range pods {
		pod := &pods[i]
		owner := metav1.GetControllerOf(pod)
		at := slices.IndexFunc(sets, func(s appsv1.ReplicaSet) bool { return owner != nil && s.UID == owner.UID })
		if at < 0 {
			continue
		}
		template := sets[at].Spec.Template.Spec
		for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
			known := func(own corev1.Container) bool { return own.Name == c.Name }
			if !slices.ContainsFunc(slices.Concat(template.InitContainers, template.Containers), known) && !slices.Contains(usual.Containers, c.Name) {
				problems = append(problems, fmt.Sprintf("Pod %s was given the container %s by admission", pod.Name, c.Name))
			}
		}
		for _, t := range pod.Spec.Tolerations {
			if ToleratesLostNode(t) && !usual.Tolerations && !slices.ContainsFunc(template.Tolerations, func(own corev1.Toleration) bool { return own.MatchToleration(&t) }) {
				problems = append(problems, fmt.Sprintf("Pod %s was given an unlimited toleration of the taint %s by admission", pod.Name, corev1.TaintNodeUnreachable))
			}
		}
	}
	return problems
}

// ToleratesLostNode returns whether a toleration keeps a Pod bound to a node that is lost.
func ToleratesLostNode(t corev1.Toleration) bool {
	key := t.Key == corev1.TaintNodeUnreachable || t.Key == "" && t.Operator == corev1.TolerationOpExists
	return key && t.TolerationSeconds == nil && (t.Effect == "" || t.Effect == corev1.TaintEffectNoExecute)
}

// rolledOut returns the names of the Deployments that have more than one ReplicaSet: their template was changed, which replaces
// their Pods.
func rolledOut(sets []appsv1.ReplicaSet) []string {
	var owners, rolled []string
	for _, set := range sets {
		owner := metav1.GetControllerOf(&set)
		if owner == nil {
			continue
		}
		if slices.Contains(owners, owner.Name) && !slices.Contains(rolled, owner.Name) {
			rolled = append(rolled, owner.Name)
		}
		owners = append(owners, owner.Name)
	}
	return rolled
}

// PartTroubles returns which parts the workloads belong to, and the problems that these parts have now, except on a spare worker,
// whose Pods are given.
func PartTroubles(now time.Time, sets []appsv1.DaemonSet, deployments []appsv1.Deployment, onSpare []corev1.Pod) (present []Part, troubles []PartTrouble) {
	for _, set := range sets {
		part, s := PartOf(set.Name, set.Spec.Template), set.Status
		if part == "" {
			continue
		}
		present = append(present, part)
		if missing := int(s.DesiredNumberScheduled-s.NumberReady) - notReadyOf(set, onSpare); missing > 0 {
			why := fmt.Sprintf("%s: DaemonSet %s is ready on %d of %d nodes", part, set.Name, s.NumberReady, s.DesiredNumberScheduled)
			troubles = append(troubles, PartTrouble{part, why, now, missing})
		}
	}
	for _, deployment := range deployments {
		part, s := PartOf(deployment.Name, deployment.Spec.Template), deployment.Status
		if part == "" {
			continue
		}
		present = append(present, part)
		if s.ReadyReplicas == 0 || s.ReadyReplicas < s.Replicas {
			why := fmt.Sprintf("%s: Deployment %s has %d of %d Pods ready", part, deployment.Name, s.ReadyReplicas, s.Replicas)
			troubles = append(troubles, PartTrouble{Part: part, Why: why, At: now})
		}
	}
	slices.Sort(present)
	return slices.Compact(present), troubles
}

// notReadyOf returns how many of the Pods belong to the DaemonSet and are not ready.
func notReadyOf(set appsv1.DaemonSet, pods []corev1.Pod) int {
	n := 0
	for i := range pods {
		owner := metav1.GetControllerOf(&pods[i])
		ready := func(c corev1.PodCondition) bool { return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue }
		if owner != nil && owner.UID == set.UID && !slices.ContainsFunc(pods[i].Status.Conditions, ready) {
			n++
		}
	}
	return n
}

// NodeProblem returns why a node's state discredits answers, as a predicate such as "is not Ready: …"; "" if it does not.
func NodeProblem(node *corev1.Node) string {
	for _, c := range node.Status.Conditions {
		switch {
		case c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue:
			return "is not Ready: " + strings.TrimSpace(c.Reason+" "+c.Message)
		case c.Status == corev1.ConditionTrue && slices.Contains(pressures[:], c.Type):
			return fmt.Sprintf("is under pressure: %s: %s", c.Type, c.Message)
		}
	}
	return ""
}

// NodeChange returns a change to a node between two observations that ends or evicts Pods or keeps them away, as a predicate; "" if
// there is none. It ignores taints by which Kubernetes itself marks the node's state.
func NodeChange(before, now *corev1.Node) string {
	if was, is := before.Status.NodeInfo.BootID, now.Status.NodeInfo.BootID; was != "" && is != "" && was != is {
		return "was rebooted during the run"
	}
	if now.Spec.Unschedulable && !before.Spec.Unschedulable {
		return "was cordoned during the run"
	}
	for _, taint := range now.Spec.Taints {
		known := slices.ContainsFunc(before.Spec.Taints, func(old corev1.Taint) bool { return old.MatchTaint(&taint) })
		if !known && taint.Effect != corev1.TaintEffectPreferNoSchedule && !strings.HasPrefix(taint.Key, "node.kubernetes.io/") {
			return "was given the taint " + taint.ToString() + " during the run"
		}
	}
	return ""
}

var pressures = [...]corev1.NodeConditionType{
	corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure, corev1.NodeNetworkUnavailable,
}

// disturbed returns how the infrastructure disturbed a Pod or failed to serve it; "" if it did neither. It is not a disturbance
// if a program ends, or is killed because of what it does: a claim may be about that. Nor is it one if the kubelet rejects a
// Pod that does not fit the node (OutOfmemory, NodeAffinity): that results from where the Pod was scheduled.
func disturbed(pod *corev1.Pod) string {
	switch pod.Status.Reason {
	case "Evicted", "Preempting", "NodeShutdown", "Shutdown", "Terminated", "NodeLost", "UnexpectedAdmissionError":
		return fmt.Sprintf("%s: %s", pod.Status.Reason, pod.Status.Message)
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue { // from v1.26 on
			return fmt.Sprintf("%s: %s", c.Reason, c.Message)
		}
	}
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if w := c.State.Waiting; w != nil && slices.Contains(imageReasons[:], w.Reason) {
			return fmt.Sprintf("the image %s is not available on node %s: %s: %s", c.Image, pod.Spec.NodeName, w.Reason, w.Message)
		}
		for _, end := range []*corev1.ContainerStateTerminated{c.State.Terminated, c.LastTerminationState.Terminated} {
			if end != nil && end.Reason == "OOMKilled" && !memoryLimited(pod, c.Name) {
				return fmt.Sprintf("container %s, which has no memory limit, was killed because node %s ran out of memory", c.Name, pod.Spec.NodeName)
			}
		}
	}
	return ""
}

// memoryLimited returns whether a container, or its Pod, has a memory limit.
func memoryLimited(pod *corev1.Pod, container string) bool {
	has := func(r corev1.ResourceRequirements) bool {
		_, limited := r.Limits[corev1.ResourceMemory]
		return limited
	}
	return pod.Spec.Resources != nil && has(*pod.Spec.Resources) ||
		slices.ContainsFunc(slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers), func(c corev1.Container) bool {
			return c.Name == container && has(c.Resources)
		})
}

// imageReasons are the kubelet's reasons for images that it cannot use (pkg/kubelet/images/types.go).
var imageReasons = [...]string{"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed"}

// PartOf returns the part to which a workload belongs; "" if it belongs to none of them. The names are those that kubeadm, the
// network plugins and MetalLB use.
func PartOf(name string, template corev1.PodTemplateSpec) Part {
	switch {
	case name == "kube-proxy":
		return ServiceProxy
	case template.Labels["k8s-app"] == "kube-dns", name == "coredns":
		return DNS
	case slices.ContainsFunc(networks[:], func(known string) bool { return strings.Contains(name, known) }) && !strings.HasSuffix(name, "-operator"):
		return PodNetwork
	case template.Labels["app"] == "metallb", template.Labels["app.kubernetes.io/name"] == "metallb":
		return Balancer
	default:
		return ""
	}
}

// networks are in the names of the DaemonSets of network plugins; "canal" also stands in "rke2-canal".
var networks = [...]string{
	"kindnet", "podroutes", "calico-node", "cilium", "flannel", "weave-net", "antrea-agent", "kube-router", "aws-node", "azure-cni", "azure-cns", "canal",
	"ovnkube-node", "kube-ovn-cni", "terway", "anetd", "netd",
}

// ProxyPods are the label selectors of the Pods of kube-proxy where no DaemonSet makes them.
var ProxyPods = [...]string{"component=kube-proxy", "k8s-app=kube-proxy"}

// ProxyTroubles returns whether kube-proxy runs in these Pods, and which of them are in trouble.
func ProxyTroubles(now time.Time, pods []corev1.Pod) (present bool, troubles []PartTrouble) {
	for _, pod := range pods {
		ready := slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
		if !ready {
			why := fmt.Sprintf("%s: Pod %s is not ready on node %s", ServiceProxy, pod.Name, pod.Spec.NodeName)
			troubles = append(troubles, PartTrouble{ServiceProxy, why, now, 1})
		}
	}
	return len(pods) > 0, troubles
}
