package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// HaveStarted matches a Pod each of whose containers has been started at least once, whatever came of it.
func HaveStarted() Described {
	return that("have started all containers", func(pod corev1.Pod) bool {
		waits := func(c corev1.ContainerStatus) bool { return c.ContainerID == "" }
		return toldOfAll(pod) && !slices.ContainsFunc(pod.Status.ContainerStatuses, waits)
	})
}

// HaveNeverEnded matches a Pod all of whose containers have started and none of which has ever ended.
func HaveNeverEnded() Described {
	return that("have started all containers, none of which ended", func(pod corev1.Pod) bool {
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
	return that(fmt.Sprintf("have one container that failed with %q, and no other that ended", saying), func(pod corev1.Pod) bool {
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

// toldOfAll reports whether the status of a Pod tells of all its containers.
func toldOfAll(pod corev1.Pod) bool {
	return len(pod.Spec.Containers) > 0 && len(pod.Status.ContainerStatuses) == len(pod.Spec.Containers)
}
