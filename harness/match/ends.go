package match

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// killed is 128 + 9, the exit code of a process that got SIGKILL, as the kernel's out-of-memory killer sends it.
const killed = 137

// HaveBeenKilled matches a Pod with a container that ended, now or before its last restart, with exit code 137. The
// reason is left open: now and then containerd learns of the end before it learns of the lack of memory, and then calls
// an OOM kill an Error.
func HaveBeenKilled() Described {
	return that("have been killed, with exit code 137", func(pod corev1.Pod) bool {
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
	return that(fmt.Sprintf("have ended with exit code %d", code), func(pod corev1.Pod) bool {
		return hasEnded(pod, func(end corev1.ContainerStateTerminated) bool { return end.ExitCode == code })
	})
}

// HaveEndedByItself matches a Pod that is Succeeded or Failed because of what became of its containers. A Pod that a
// kubelet has evicted, refused or shut down with its node carries a reason of its own and does not match.
func HaveEndedByItself() Described {
	return that("have ended by itself", func(pod corev1.Pod) bool {
		return (pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed) && pod.Status.Reason == ""
	})
}
