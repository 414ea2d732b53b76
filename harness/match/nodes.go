package match

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// BeOnNodeOtherThan matches a Pod that is bound to a node which is not this one.
func BeOnNodeOtherThan(name string) Described {
	return that("be on a node other than "+name, func(pod corev1.Pod) bool { return pod.Spec.NodeName != "" && pod.Spec.NodeName != name })
}

// BeTakenBy matches a Pod that is bound to this node and that the node's kubelet has acknowledged and not refused. Whether
// its containers run, or its image can be pulled, does not matter.
func BeTakenBy(node string) Described {
	return that(fmt.Sprintf("be taken by node %s", node), func(pod corev1.Pod) bool {
		return pod.Spec.NodeName == node && pod.Status.StartTime != nil && pod.Status.Reason == ""
	})
}
