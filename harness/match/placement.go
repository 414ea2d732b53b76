package match

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// BeOnNode matches a Pod that is bound to this node.
func BeOnNode(name string) Described {
	return That("be on node "+name, func(pod corev1.Pod) bool { return pod.Spec.NodeName == name })
}

// BeScheduled matches a Pod that is bound to any node.
func BeScheduled() Described {
	return That("be bound to a node", func(pod corev1.Pod) bool { return pod.Spec.NodeName != "" })
}

// BeUnschedulable matches a Pod for which a scheduler has found no node: its condition PodScheduled is false with the reason
// Unschedulable. A Pod that no scheduler has processed yet does not match.
func BeUnschedulable() Described {
	return That("be unschedulable", func(pod corev1.Pod) bool {
		return pod.Spec.NodeName == "" && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable
		})
	})
}

// BeOnNodeOtherThan matches a Pod that is bound to another node than this one.
func BeOnNodeOtherThan(name string) Described {
	return That("be on a node other than "+name, func(pod corev1.Pod) bool { return pod.Spec.NodeName != "" && pod.Spec.NodeName != name })
}

// BeTakenBy matches a Pod that is bound to this node and that the node's kubelet has acknowledged and not refused. Its
// containers need not run, and its image need not be available.
func BeTakenBy(node string) Described {
	return That(fmt.Sprintf("be taken by node %s", node), func(pod corev1.Pod) bool {
		return pod.Spec.NodeName == node && pod.Status.StartTime != nil && pod.Status.Reason == ""
	})
}
