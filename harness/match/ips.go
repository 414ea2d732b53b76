package match

import corev1 "k8s.io/api/core/v1"

// HaveAnIPEach matches Pods of which each has an IP that no other of them has.
func HaveAnIPEach() Described {
	return that("have an IP each that no other has", func(pods []corev1.Pod) bool {
		seen := map[string]bool{"": true}
		for _, pod := range pods {
			if seen[pod.Status.PodIP] {
				return false
			}
			seen[pod.Status.PodIP] = true
		}
		return len(pods) > 1
	})
}

// HaveTheirNodesIP matches a Pod whose IP is that of its node.
func HaveTheirNodesIP() Described {
	return that("have their node's IP", func(pod corev1.Pod) bool {
		return pod.Status.PodIP != "" && pod.Status.PodIP == pod.Status.HostIP
	})
}
