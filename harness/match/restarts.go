package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// HaveRestarted matches a Pod whose containers have been restarted so many times in all, or more.
func HaveRestarted(times int) Described {
	return That(fmt.Sprintf("have restarted at least %d times", times), func(pod corev1.Pod) bool { return restarts(pod) >= times })
}

// HaveNeverRestarted matches a Pod that has containers, none of which was ever restarted.
func HaveNeverRestarted() Described {
	return That("have never restarted", func(pod corev1.Pod) bool {
		return len(pod.Status.ContainerStatuses) > 0 && restarts(pod) == 0
	})
}

func restarts(pod corev1.Pod) int {
	sum := 0
	for _, c := range pod.Status.ContainerStatuses {
		sum += int(c.RestartCount)
	}
	return sum
}

// HaveRestartedSince matches a Pod that is among those of before, judged by UID, and whose containers of these names have
// each been restarted since: the count is higher than it was then. No name means every container of the Pod.
func HaveRestartedSince(before []corev1.Pod, containers ...string) Described {
	return sinceThen("have restarted"+inContainers(containers)+" since", before, containers, func(was, is int32) bool { return is > was })
}

// HaveNotRestartedSince matches a Pod that is among those of before, judged by UID, and none of whose containers of these
// names has been restarted since. No name means every container of the Pod.
func HaveNotRestartedSince(before []corev1.Pod, containers ...string) Described {
	return sinceThen("not have restarted"+inContainers(containers)+" since", before, containers, func(was, is int32) bool { return is == was })
}

func inContainers(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " in container " + strings.Join(names, ", ")
}

// sinceThen compares the restarts of containers with what they were. A container that no status reports yet does not
// match; in the earlier Pod it had not been restarted.
func sinceThen(wants string, before []corev1.Pod, containers []string, so func(was, is int32) bool) Described {
	return thatOrError(wants+" ("+uids(before)+")", func(pod corev1.Pod) (bool, error) {
		names, err := namedOrAll(pod, containers)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(before, func(old corev1.Pod) bool { return old.UID == pod.UID })
		if i < 0 || len(names) == 0 {
			return false, nil
		}
		for _, name := range names {
			is, known := restartsOf(pod, name)
			was, _ := restartsOf(before[i], name)
			if !known || !so(was, is) {
				return false, nil
			}
		}
		return true, nil
	})
}

func restartsOf(pod corev1.Pod, container string) (count int32, known bool) {
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name == container {
			return c.RestartCount, true
		}
	}
	return 0, false
}

// namedOrAll are the names, each of which the Pod must have a container of; without names, all its containers'.
func namedOrAll(pod corev1.Pod, names []string) ([]string, error) {
	var has []string
	for _, c := range pod.Spec.Containers {
		has = append(has, c.Name)
	}
	for _, name := range names {
		if !slices.Contains(has, name) {
			return nil, fmt.Errorf("the Pod %s has no container %s, it has %s", pod.Name, name, strings.Join(has, ", "))
		}
	}
	if len(names) == 0 {
		return has, nil
	}
	return names, nil
}
