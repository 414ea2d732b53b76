package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// killed is 128 + 9, the exit code of a process that got SIGKILL, as the kernel's out-of-memory killer sends it.
const killed = 137

// HaveBeenKilled matches a Pod with a container that ended, now or before its last restart, with exit code 137. The
// reason is left open: now and then containerd learns of the end before it learns of the lack of memory, and then calls
// an OOM kill an Error.
func HaveBeenKilled() Described {
	return That("have been killed, with exit code 137", func(pod corev1.Pod) bool {
		return hasEnded(pod, func(end corev1.ContainerStateTerminated) bool { return end.ExitCode == killed })
	})
}

func hasEnded(pod corev1.Pod, so func(corev1.ContainerStateTerminated) bool) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool {
		now, before := c.State.Terminated, c.LastTerminationState.Terminated
		return now != nil && so(*now) || before != nil && so(*before)
	})
}

// HaveExitCode matches a Pod with a container that ended, now or before its last restart, with this exit code.
func HaveExitCode(code int32) Described {
	return That(fmt.Sprintf("have ended with exit code %d", code), func(pod corev1.Pod) bool {
		return hasEnded(pod, func(end corev1.ContainerStateTerminated) bool { return end.ExitCode == code })
	})
}

// HaveEndedByItself matches a Pod that is Succeeded or Failed because of what became of its containers. A Pod that a
// kubelet has evicted, refused or shut down with its node carries a reason of its own and does not match.
func HaveEndedByItself() Described {
	return That("have ended by itself", func(pod corev1.Pod) bool {
		return (pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed) && pod.Status.Reason == ""
	})
}

// HaveStarted matches a Pod each of whose containers has been started at least once, whatever came of it.
func HaveStarted() Described {
	return That("have started all containers", func(pod corev1.Pod) bool {
		waits := func(c corev1.ContainerStatus) bool { return c.ContainerID == "" }
		return toldOfAll(pod) && !slices.ContainsFunc(pod.Status.ContainerStatuses, waits)
	})
}

// HaveNeverEnded matches a Pod all of whose containers have started and none of which has ever ended.
func HaveNeverEnded() Described {
	return That("have started all containers, none of which ended", func(pod corev1.Pod) bool {
		stopped := func(c corev1.ContainerStatus) bool {
			return c.ContainerID == "" || c.RestartCount > 0 || lastEnd(c) != nil
		}
		return toldOfAll(pod) && !slices.ContainsFunc(pod.Status.ContainerStatuses, stopped)
	})
}

// HaveOneFailed matches a Pod just one container of which has ended, now or before its last restart, and did so with an
// error that says these words. The words are looked for in the termination message, which is the end of the log under
// terminationMessagePolicy FallbackToLogsOnError.
func HaveOneFailed(saying string) Described {
	return That(fmt.Sprintf("have one container that failed with %q, and no other that ended", saying), func(pod corev1.Pod) bool {
		ended, failed := 0, 0
		for _, c := range pod.Status.ContainerStatuses {
			end := lastEnd(c)
			if end == nil {
				continue
			}
			ended++
			if end.ExitCode != 0 && strings.Contains(end.Message, saying) {
				failed++
			}
		}
		return toldOfAll(pod) && ended == 1 && failed == 1
	})
}

// lastEnd is how a container ended last; nil when it has not.
func lastEnd(c corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	if c.State.Terminated != nil {
		return c.State.Terminated
	}
	return c.LastTerminationState.Terminated
}

// toldOfAll reports whether the status of a Pod reports all its containers.
func toldOfAll(pod corev1.Pod) bool {
	return len(pod.Spec.Containers) > 0 && len(pod.Status.ContainerStatuses) == len(pod.Spec.Containers)
}
