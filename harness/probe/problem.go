package probe

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// PodProblem returns why a Pod is not running or not ready, for a reader: "it cannot be scheduled: 0/3 nodes are available".
// It is empty for a Pod that is ready, and for one that has succeeded.
func PodProblem(pod *corev1.Pod) string {
	for _, problem := range []func(*corev1.Pod) string{lostNode, refusedByNode, removal, notScheduled, notStarted} {
		if words := problem(pod); words != "" {
			return words
		}
	}
	return containerProblems(pod)
}

// lostNode returns the problem of a Pod whose node does not report. In old versions its phase is Unknown or its reason is
// NodeLost; in newer ones the node controller sets the condition Ready to false and leaves ContainersReady as the node last
// reported it.
func lostNode(pod *corev1.Pod) string {
	ready, containers := condition(pod, corev1.PodReady), condition(pod, corev1.ContainersReady)
	markedByController := ready.Status == corev1.ConditionFalse && containers.Status == corev1.ConditionTrue && len(pod.Spec.ReadinessGates) == 0
	if pod.Status.Phase == corev1.PodUnknown || pod.Status.Reason == "NodeLost" || ready.Status == corev1.ConditionUnknown || markedByController {
		return fmt.Sprintf("its node %s does not report", pod.Spec.NodeName)
	}
	return ""
}

// refusedByNode returns the problem of a Pod that its kubelet refused or ended as a whole: the Pod's status has a reason.
func refusedByNode(pod *corev1.Pod) string {
	node, reason := pod.Spec.NodeName, pod.Status.Reason
	switch {
	case reason == "":
		return ""
	case reason == "Evicted":
		return "it was evicted from node " + node + suffix(pod.Status.Message)
	case strings.HasPrefix(reason, "OutOf"):
		return "node " + node + " has not enough " + strings.TrimPrefix(reason, "OutOf") + " for it" + suffix(pod.Status.Message)
	case reason == "Preempting":
		return "it was preempted on node " + node + suffix(pod.Status.Message)
	case reason == "NodeShutdown", reason == "Shutdown", reason == "Terminated":
		return "node " + node + " was shut down" + suffix(pod.Status.Message)
	default:
		return "it is " + string(pod.Status.Phase) + " (" + reason + ")" + suffix(pod.Status.Message)
	}
}

// removal returns the problem of a Pod that is being deleted.
func removal(pod *corev1.Pod) string {
	disruption := condition(pod, corev1.DisruptionTarget)
	switch {
	case pod.DeletionTimestamp == nil:
		return ""
	case disruption.Status == corev1.ConditionTrue && disruption.Reason == corev1.PodReasonPreemptionByScheduler:
		return "it was preempted on node " + pod.Spec.NodeName + suffix(disruption.Message)
	case disruption.Status == corev1.ConditionTrue:
		return "it is being deleted (" + disruption.Reason + ")" + suffix(disruption.Message)
	default:
		return "it is being deleted"
	}
}

func notScheduled(pod *corev1.Pod) string {
	scheduled := condition(pod, corev1.PodScheduled)
	switch {
	case pod.Spec.NodeName != "", pod.Status.Phase != corev1.PodPending && pod.Status.Phase != "":
		return ""
	case scheduled.Reason == corev1.PodReasonSchedulingGated:
		return "a scheduling gate holds it back" + suffix(scheduled.Message)
	case scheduled.Status == corev1.ConditionFalse:
		return "it cannot be scheduled" + suffix(scheduled.Message)
	default:
		return "no scheduler has looked at it yet"
	}
}

// notStarted returns the problem of a scheduled Pod on which the kubelet has not reported.
func notStarted(pod *corev1.Pod) string {
	if pod.Status.Phase == corev1.PodPending && len(pod.Status.InitContainerStatuses)+len(pod.Status.ContainerStatuses) == 0 {
		return "the kubelet of node " + pod.Spec.NodeName + " has not started it yet"
	}
	return ""
}

// containerProblems returns the problems of the init containers, or if there are none, of the other containers.
func containerProblems(pod *corev1.Pod) string {
	if pod.Status.Phase == corev1.PodSucceeded {
		return ""
	}
	for _, all := range []struct {
		statuses []corev1.ContainerStatus
		specs    []corev1.Container
		init     bool
	}{
		{pod.Status.InitContainerStatuses, pod.Spec.InitContainers, true},
		{pod.Status.ContainerStatuses, pod.Spec.Containers, false},
	} {
		var problems []string
		for _, status := range all.statuses {
			i := slices.IndexFunc(all.specs, func(c corev1.Container) bool { return c.Name == status.Name })
			spec := corev1.Container{Name: status.Name, Image: status.Image}
			if i >= 0 {
				spec = all.specs[i]
			}
			if words := containerProblem(pod, spec, status, all.init); words != "" {
				problems = append(problems, words)
			}
		}
		if len(problems) > 0 {
			return strings.Join(problems, "; ")
		}
	}
	return unmetGates(pod)
}

func containerProblem(pod *corev1.Pod, spec corev1.Container, status corev1.ContainerStatus, init bool) string {
	name := "container " + spec.Name
	if init {
		name = "init container " + spec.Name
	}
	sidecar := spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
	switch state := status.State; {
	case state.Terminated != nil && init && !sidecar && state.Terminated.ExitCode == 0:
		return ""
	case state.Terminated != nil:
		return name + " ended: " + terminated(state.Terminated)
	case state.Running != nil && init && !sidecar:
		return name + " has not ended yet"
	case state.Running != nil:
		return notReady(name, spec, status)
	case state.Waiting != nil:
		return waiting(pod, name, spec, status)
	default:
		return name + " is not created yet"
	}
}

func notReady(name string, spec corev1.Container, status corev1.ContainerStatus) string {
	switch {
	case status.Ready:
		return ""
	case spec.StartupProbe != nil && (status.Started == nil || !*status.Started):
		return name + " runs, but its startup probe has not succeeded"
	case spec.ReadinessProbe != nil:
		return name + " runs, but its readiness probe does not succeed"
	default:
		return name + " runs, but is not ready"
	}
}

// waiting returns what a container waits for (kubelet, pkg/kubelet/images/types.go and kuberuntime).
func waiting(pod *corev1.Pod, name string, spec corev1.Container, status corev1.ContainerStatus) string {
	why := status.State.Waiting
	reason := " (" + why.Reason + ")" + suffix(why.Message)
	image := fmt.Sprintf("%s: the image %s ", name, spec.Image)
	switch why.Reason {
	case "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "SignatureValidationFailed":
		return image + "cannot be pulled" + reason
	case "ErrImageNeverPull":
		return image + "is not on the node, and must not be pulled" + reason
	case "InvalidImageName":
		return image + "has no valid name" + reason
	case "ImageInspectError":
		return image + "cannot be read" + reason
	case "CreateContainerConfigError", "CreateContainerError", "CreatePodSandboxError":
		return name + " cannot be created" + reason
	case "RunContainerError", "PostStartHookError", "ContainerCannotRun":
		return name + " cannot be started" + reason
	case "CrashLoopBackOff":
		if last := status.LastTerminationState.Terminated; last != nil {
			return name + " crashes again and again: " + terminated(last)
		}
		return name + " crashes again and again" + suffix(why.Message)
	case "ContainerCreating", "PodInitializing":
		return name + " is not created yet" + forVolumes(pod)
	default:
		return name + " waits" + reason
	}
}

// forVolumes returns the volumes that a Pod without a network sandbox may be waiting for: the kubelet mounts them first.
func forVolumes(pod *corev1.Pod) string {
	var names []string
	for _, volume := range pod.Spec.Volumes {
		if !strings.HasPrefix(volume.Name, "kube-api-access-") {
			names = append(names, volume.Name)
		}
	}
	if len(names) == 0 || condition(pod, corev1.PodReadyToStartContainers).Status == corev1.ConditionTrue {
		return ""
	}
	return ": it waits for a volume (" + strings.Join(names, ", ") + ") or for the Pod's network"
}

// unmetGates returns the readiness gates because of which a Pod whose containers are ready is not ready.
func unmetGates(pod *corev1.Pod) string {
	var unmet []string
	for _, gate := range pod.Spec.ReadinessGates {
		if condition(pod, gate.ConditionType).Status != corev1.ConditionTrue {
			unmet = append(unmet, string(gate.ConditionType))
		}
	}
	if len(unmet) == 0 {
		return ""
	}
	return "its readiness gate is not met: " + strings.Join(unmet, ", ")
}

// condition returns a Pod's condition of this type; the zero value if it has none.
func condition(pod *corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for _, c := range pod.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return corev1.PodCondition{}
}

// suffix returns a message after a colon; empty if there is no message.
func suffix(message string) string {
	if message == "" {
		return ""
	}
	return ": " + shorten(message)
}
