package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// HaveRestarted matches a Pod whose containers have been restarted at least this number of times in total.
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

// HaveRestartedSince matches a Pod that is among those of before, compared by UID, and whose containers of these names have
// all been restarted since: each count is higher than before. Without names it means all containers of the Pod.
func HaveRestartedSince(before []corev1.Pod, containers ...string) Described {
	return compareRestarts("have restarted"+inContainers(containers)+" since", before, containers, func(was, now int32) bool { return now > was })
}

// HaveNotRestartedSince matches a Pod that is among those of before, compared by UID, and none of whose containers of these
// names has been restarted since. Without names it means all containers of the Pod.
func HaveNotRestartedSince(before []corev1.Pod, containers ...string) Described {
	return compareRestarts("not have restarted"+inContainers(containers)+" since", before, containers, func(was, now int32) bool { return now == was })
}

// HaveNotEndedSince matches a Pod that is among those of before, compared by UID, and whose containers of these names all run and
// have not been restarted since. Without names it means all containers of the Pod.
func HaveNotEndedSince(before []corev1.Pod, containers ...string) Described {
	notRestarted := HaveNotRestartedSince(before, containers...)
	return thatOrError("not have ended"+inContainers(containers)+" since ("+uids(before)+")", func(pod corev1.Pod) (bool, error) {
		same, err := notRestarted.Match(pod)
		if !same || err != nil {
			return false, err
		}
		names, err := containerNames(pod, containers)
		runs := func(c corev1.ContainerStatus) bool { return c.State.Running != nil || !slices.Contains(names, c.Name) }
		return err == nil && !slices.ContainsFunc(pod.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool { return !runs(c) }), err
	})
}

func inContainers(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " in container " + strings.Join(names, ", ")
}

// compareRestarts compares the restart counts of containers with those of before. A container that is missing in the status
// does not match. If it is missing in the earlier status, its earlier count is 0.
func compareRestarts(wants string, before []corev1.Pod, containers []string, so func(was, now int32) bool) Described {
	return thatOrError(wants+" ("+uids(before)+")", func(pod corev1.Pod) (bool, error) {
		names, err := containerNames(pod, containers)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(before, func(old corev1.Pod) bool { return old.UID == pod.UID })
		if i < 0 || len(names) == 0 {
			return false, nil
		}
		for _, name := range names {
			now, known := restartsOf(pod, name)
			was, _ := restartsOf(before[i], name)
			if !known || !so(was, now) {
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

// containerNames returns the names, or those of all containers of the Pod's manifest if there are none. It returns an error if the Pod has
// no container of a name.
func containerNames(pod corev1.Pod, names []string) ([]string, error) {
	var all []string
	for _, c := range pod.Spec.Containers {
		all = append(all, c.Name)
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("the Pod %s has no container %s, it has %s", pod.Name, name, strings.Join(all, ", "))
		}
	}
	if len(names) == 0 {
		return slices.DeleteFunc(all, func(name string) bool { return !probe.OfManifest(&pod, name) }), nil
	}
	return names, nil
}
