package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// HaveBeenKilled matches a Pod with a container that ended, now or before its last restart, with exit code 137, for any
// reason. For an OOM kill use BeKilledForMemory, since the reason is not reliable: containerd sometimes reports an OOM kill as
// Error, because it learns of the end before it learns of the OOM event.
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

// HaveEndedByItself matches a Pod that is Succeeded or Failed because its containers ended. A Pod that a kubelet has evicted,
// refused or shut down with its node has a status.reason and does not match.
func HaveEndedByItself() Described {
	return That("have ended by itself", func(pod corev1.Pod) bool {
		return (pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed) && pod.Status.Reason == ""
	})
}

// HaveStarted matches a Pod each of whose containers has been started at least once.
func HaveStarted() Described {
	return That("have started all containers", func(pod corev1.Pod) bool {
		waits := func(c corev1.ContainerStatus) bool { return c.ContainerID == "" }
		return allReported(pod) && !slices.ContainsFunc(pod.Status.ContainerStatuses, waits)
	})
}

// HaveNeverEnded matches a Pod all of whose containers have started and none of which has ever ended.
func HaveNeverEnded() Described {
	return That("have started all containers, none of which ended", func(pod corev1.Pod) bool {
		stopped := func(c corev1.ContainerStatus) bool {
			return c.ContainerID == "" || c.RestartCount > 0 || lastEnd(c) != nil
		}
		return allReported(pod) && !slices.ContainsFunc(pod.Status.ContainerStatuses, stopped)
	})
}

// HaveOneFailed matches a Pod exactly one container of which has ended, now or before its last restart, with an exit code other
// than 0 and these words in its termination message. With terminationMessagePolicy FallbackToLogsOnError that message is the
// end of the log.
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
		return allReported(pod) && ended == 1 && failed == 1
	})
}

// lastEnd returns how a container last ended; nil if it has not.
func lastEnd(c corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	if c.State.Terminated != nil {
		return c.State.Terminated
	}
	return c.LastTerminationState.Terminated
}

// allReported returns whether the status of a Pod contains all its containers.
func allReported(pod corev1.Pod) bool {
	return len(pod.Spec.Containers) > 0 && len(pod.Status.ContainerStatuses) == len(pod.Spec.Containers)
}

// SayWhyEnded matches a Pod whose condition DisruptionTarget says for this reason, such as "DeletionByTaintManager", that it is ended.
func SayWhyEnded(reason string) Described {
	return That("say that it is ended for "+reason, func(pod corev1.Pod) bool {
		return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue && c.Reason == reason
		})
	})
}

// SayNoReason matches a Pod without the condition DisruptionTarget.
func SayNoReason() Described {
	return That("not say why it is ended", func(pod corev1.Pod) bool { return !hasCondition(pod, corev1.DisruptionTarget, corev1.ConditionTrue) })
}
