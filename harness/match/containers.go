package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// ShareTheirPod matches Containers of which each pair in one Pod has different IDs, but sees the same network and the same
// hostname, which is the Pod's name. There must be such a pair.
func ShareTheirPod() Described {
	return That("have IDs of their own, but share their Pod's network and its name as hostname", func(all probe.Containers) bool {
		return everyPair(all, sameUID, func(a, b probe.Container) bool {
			return a.ID != b.ID && a.Network == b.Network && a.Hostname == a.Pod && b.Hostname == b.Pod
		})
	})
}

// HaveTheirPodToThemselves matches Containers of which each pair in one Pod sees different networks and hostnames. There must
// be such a pair.
func HaveTheirPodToThemselves() Described {
	return That("have a network and a hostname each, also within a Pod", func(all probe.Containers) bool {
		return everyPair(all, sameUID, separate)
	})
}

// DifferFromPodToPod matches Containers of which each pair in two Pods sees different networks and hostnames. There must be
// such a pair.
func DifferFromPodToPod() Described {
	return That("see other networks and hostnames in other Pods", func(all probe.Containers) bool {
		return everyPair(all, func(a, b probe.Container) bool { return !sameUID(a, b) }, separate)
	})
}

func sameUID(a, b probe.Container) bool { return a.UID == b.UID }

func separate(a, b probe.Container) bool { return a.Network != b.Network && a.Hostname != b.Hostname }

// everyPair returns whether each chosen pair of containers passes the test, and there is such a pair.
func everyPair(all probe.Containers, chosen, test func(a, b probe.Container) bool) bool {
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

// StandInOnePodEach matches Containers each of which belongs to only one Pod.
func StandInOnePodEach() Described {
	return That("stand in one Pod each", func(all probe.Containers) bool { return len(all) > 0 && !anyInSeveralPods(all) })
}

// StandInSeveralPods matches Containers at least one of which belongs to several Pods.
func StandInSeveralPods() Described { return That("stand in several Pods", anyInSeveralPods) }

func anyInSeveralPods(all probe.Containers) bool {
	return slices.ContainsFunc(all, func(c probe.Container) bool {
		return slices.ContainsFunc(all, func(d probe.Container) bool { return c.ID == d.ID && c.UID != d.UID })
	})
}

// DeclarePorts matches a Pod whose containers declare exactly these ports, in this order, but for containers that were injected.
func DeclarePorts(ports ...int32) Described {
	return That(fmt.Sprintf("declare the ports %d", ports), func(pod corev1.Pod) bool {
		var declared []int32
		for _, c := range pod.Spec.Containers {
			if !probe.OfManifest(&pod, c.Name) {
				continue
			}
			for _, port := range c.Ports {
				declared = append(declared, port.ContainerPort)
			}
		}
		return slices.Equal(declared, ports)
	})
}

// BeRunning matches a Pod that is not being deleted and whose containers all run. It is a prerequisite.
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
