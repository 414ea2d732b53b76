package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeOnNode matches a Pod that was put on this node.
func BeOnNode(name string) Described {
	return that("be on node "+name, func(pod corev1.Pod) bool { return pod.Spec.NodeName == name })
}

// BeScheduled matches a Pod that is bound to a node, whatever node it is.
func BeScheduled() Described {
	return that("be bound to a node", func(pod corev1.Pod) bool { return pod.Spec.NodeName != "" })
}

// BeUnschedulable matches a Pod for which a scheduler has found no node: its condition PodScheduled is false for the
// reason Unschedulable. A Pod that no scheduler has looked at yet does not match.
func BeUnschedulable() Described {
	return that("be unschedulable", func(pod corev1.Pod) bool {
		return pod.Spec.NodeName == "" && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable
		})
	})
}

// HaveEvent matches Events with one of this reason whose message holds these words.
func HaveEvent(reason, words string) Described {
	return that(fmt.Sprintf("have an event %s with %q", reason, words), func(events probe.Events) bool {
		return slices.ContainsFunc(events, func(e probe.Event) bool { return e.Reason == reason && strings.Contains(e.Message, words) })
	})
}
