package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// TooCrowded is from how many threads for each processor on a cluster cannot be relied on to do anything in time. On an
// overloaded machine a Service was seen to lead for a minute and a half to a Pod that it selected no more.
const TooCrowded = 12

// Part is a part of a cluster on which an answer may depend, beside the API server and the nodes.
type Part string

// The parts. A look that goes through one of them makes the claim rely on it.
const (
	DNS          Part = "DNS"
	ServiceProxy Part = "kube-proxy"
	PodNetwork   Part = "the CNI"
)

// Outage is a time in which a part of the control plane did not do its work.
type Outage struct {
	What     string // what did not happen, such as "the API server did not answer"
	From, To time.Time
	Why      string // empty when nothing more is known
}

func (o Outage) String() string {
	text := fmt.Sprintf("%s for %.1f s", o.What, o.To.Sub(o.From).Seconds())
	if o.Why != "" {
		text += ": " + o.Why
	}
	return text
}

// NodeTrouble is what was wrong with a node, as a predicate: "is not Ready: …".
type NodeTrouble struct{ Node, Why string }

// Facts are what was seen of a cluster around a contrary answer.
type Facts struct {
	// From and To are when the answer was looked for.
	From, To time.Time
	Outages  []Outage
	// Nodes are those with which something was wrong between From and To.
	Nodes []NodeTrouble
	// Stopped are the nodes that the scenario itself has stopped.
	Stopped []string
	// Pods and ReplicaSets are those of the claim's namespace.
	Pods        []corev1.Pod
	ReplicaSets []appsv1.ReplicaSet
	// Leading are the parts of the control plane whose leaders are watched.
	Leading []string
	// Relies are the parts that the looks went through.
	Relies []Part
	// DaemonSets and Deployments are those of kube-system.
	DaemonSets  []appsv1.DaemonSet
	Deployments []appsv1.Deployment
	// Crowd is how many threads wanted each processor of the cluster's machine, on average; 0 where that is not known.
	Crowd float64
	// Unknown says what could not be found out.
	Unknown []string
}

// Problems lists what was not whole in the cluster. A contrary answer is believed only when the list is empty.
//
// A part that is configured away is no problem: a cluster without kube-proxy, or with one that leaves a node out, is what
// its owner made it, and what follows from that is an answer. A part that is less than its own object asks for is one.
func Problems(f Facts) []string {
	problems := slices.Clone(f.Unknown)
	for _, outage := range f.Outages {
		if outage.To.After(f.From) && outage.From.Before(f.To) {
			problems = append(problems, outage.String())
		}
	}
	if f.Crowd >= TooCrowded {
		problems = append(problems, fmt.Sprintf("the machine was short of CPU: on average %.0f threads wanted each processor", f.Crowd))
	}
	for _, trouble := range f.Nodes {
		if !slices.Contains(f.Stopped, trouble.Node) {
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
	for _, set := range f.ReplicaSets {
		for _, c := range set.Status.Conditions {
			if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
				problems = append(problems, fmt.Sprintf("ReplicaSet %s may not have its Pods: %s: %s", set.Name, c.Reason, c.Message))
			}
		}
	}
	for _, set := range f.DaemonSets {
		s := set.Status
		if part := partOf(set.Name, set.Spec.Template); slices.Contains(f.Relies, part) && int(s.NumberReady)+len(f.Stopped) < int(s.DesiredNumberScheduled) {
			problems = append(problems, fmt.Sprintf("%s: DaemonSet %s is ready on %d of %d nodes", part, set.Name, s.NumberReady, s.DesiredNumberScheduled))
		}
	}
	for _, deployment := range f.Deployments {
		s := deployment.Status
		if part := partOf(deployment.Name, deployment.Spec.Template); slices.Contains(f.Relies, part) && (s.ReadyReplicas == 0 || s.ReadyReplicas < s.Replicas) {
			problems = append(problems, fmt.Sprintf("%s: Deployment %s has %d of %d Pods ready", part, deployment.Name, s.ReadyReplicas, s.Replicas))
		}
	}
	return problems
}

// NodeProblem says why a node is not fit to show anything, as a predicate: "is not Ready: …"; empty when it is fit.
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

// NodeChange says what somebody did to a node since it was seen before, that moves Pods away from it or keeps them from it,
// as a predicate; empty when nobody did. Taints by which Kubernetes itself marks the node's state are none of it.
func NodeChange(before, now *corev1.Node) string {
	if now.Spec.Unschedulable && !before.Spec.Unschedulable {
		return "was cordoned while the run went on"
	}
	for _, taint := range now.Spec.Taints {
		known := slices.ContainsFunc(before.Spec.Taints, func(old corev1.Taint) bool { return old.MatchTaint(&taint) })
		if !known && taint.Effect != corev1.TaintEffectPreferNoSchedule && !strings.HasPrefix(taint.Key, "node.kubernetes.io/") {
			return "was given the taint " + taint.ToString() + " while the run went on"
		}
	}
	return ""
}

var pressures = [...]corev1.NodeConditionType{
	corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure, corev1.NodeNetworkUnavailable,
}

// disturbed says what the infrastructure did to a Pod, or could not do for it; empty when it left it alone. A program that
// ends by itself, or is killed for what it does, is no disturbance: that may be the claim. Neither is one that a kubelet
// refuses because it does not fit the node (OutOfmemory, NodeAffinity): it was put where it should not have been.
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
			return fmt.Sprintf("the image %s cannot be had on node %s: %s: %s", c.Image, pod.Spec.NodeName, w.Reason, w.Message)
		}
	}
	return ""
}

// imageReasons are the kubelet's (pkg/kubelet/images/types.go).
var imageReasons = [...]string{"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable"}

// partOf is the part to which a workload of kube-system belongs; empty when it is none that is known. The names are those
// that kubeadm, and the makers of the network plugins, give (kind's waiter knows the same ones).
func partOf(name string, template corev1.PodTemplateSpec) Part {
	switch {
	case name == "kube-proxy":
		return ServiceProxy
	case template.Labels["k8s-app"] == "kube-dns", name == "coredns":
		return DNS
	case slices.ContainsFunc(networks[:], func(known string) bool { return strings.HasPrefix(name, known) }):
		return PodNetwork
	default:
		return ""
	}
}

var networks = [...]string{"kindnet", "podroutes", "calico-node", "cilium", "kube-flannel", "weave-net", "antrea-agent", "kube-router", "aws-node", "azure-cni", "canal", "ovnkube-node"}
