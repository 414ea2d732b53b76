package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// ShareTheirPod matches Containers of which every two of one Pod have IDs of their own, but see the same network and
// the same hostname, which is the Pod's name; there must be such two.
func ShareTheirPod() Described {
	return That("have IDs of their own, but share their Pod's network and its name as hostname", func(all probe.Containers) bool {
		return everyTwo(all, sameUID, func(a, b probe.Container) bool {
			return a.ID != b.ID && a.Network == b.Network && a.Hostname == a.Pod && b.Hostname == b.Pod
		})
	})
}

// HaveTheirPodToThemselves matches Containers of which every two of one Pod see other networks and hostnames; there
// must be such two.
func HaveTheirPodToThemselves() Described {
	return That("have a network and a hostname each, also within a Pod", func(all probe.Containers) bool {
		return everyTwo(all, sameUID, apart)
	})
}

// DifferFromPodToPod matches Containers of which every two of different Pods see other networks and hostnames; there
// must be such two.
func DifferFromPodToPod() Described {
	return That("see other networks and hostnames in other Pods", func(all probe.Containers) bool {
		return everyTwo(all, func(a, b probe.Container) bool { return !sameUID(a, b) }, apart)
	})
}

func sameUID(a, b probe.Container) bool { return a.UID == b.UID }

func apart(a, b probe.Container) bool { return a.Network != b.Network && a.Hostname != b.Hostname }

// everyTwo says whether every two containers that are chosen pass the test, and there are such two.
func everyTwo(all probe.Containers, chosen, test func(a, b probe.Container) bool) bool {
	some := false
	for i, a := range all {
		for _, b := range all[i+1:] {
			if chosen(a, b) && !test(a, b) {
				return false
			}
			some = some || chosen(a, b)
		}
	}
	return some
}

// StandInOnePodEach matches Containers each of which belongs to one Pod only.
func StandInOnePodEach() Described {
	return That("stand in one Pod each", func(all probe.Containers) bool { return len(all) > 0 && !anyHeldTwice(all) })
}

// StandInSeveralPods matches Containers of which some belongs to several Pods.
func StandInSeveralPods() Described { return That("stand in several Pods", anyHeldTwice) }

func anyHeldTwice(all probe.Containers) bool {
	return slices.ContainsFunc(all, func(c probe.Container) bool {
		return slices.ContainsFunc(all, func(d probe.Container) bool { return c.ID == d.ID && c.UID != d.UID })
	})
}

// DeclarePorts matches a Pod whose manifest names just these ports, in this order.
func DeclarePorts(ports ...int32) Described {
	return That(fmt.Sprintf("declare the ports %d", ports), func(pod corev1.Pod) bool {
		var declared []int32
		for _, c := range pod.Spec.Containers {
			for _, port := range c.Ports {
				declared = append(declared, port.ContainerPort)
			}
		}
		return slices.Equal(declared, ports)
	})
}

// BeRunning matches a Pod all of whose containers run and that is not being deleted. It is a prerequisite.
func BeRunning() Described {
	return prerequisite{That("have all containers running", func(pod corev1.Pod) bool {
		running := func(c corev1.Container) bool {
			return slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool { return s.Name == c.Name && s.State.Running != nil })
		}
		stopped := func(c corev1.Container) bool { return !running(c) }
		return pod.DeletionTimestamp == nil && len(pod.Spec.Containers) > 0 && !slices.ContainsFunc(pod.Spec.Containers, stopped)
	})}
}

// Say matches a text that contains these words.
func Say(words string) Described {
	return That(fmt.Sprintf("say %q", words), func(text string) bool { return strings.Contains(text, words) })
}
