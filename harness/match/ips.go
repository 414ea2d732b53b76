package match

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// HaveAnIPEach matches at least two Pods that all have different IPs.
func HaveAnIPEach() Described {
	return That("have an IP each that no other has", func(pods []corev1.Pod) bool {
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
	return That("have their node's IP", func(pod corev1.Pod) bool {
		return pod.Status.PodIP != "" && pod.Status.PodIP == pod.Status.HostIP
	})
}

// HaveOtherIPThan matches a Pod with an IP that none of these Pods has.
func HaveOtherIPThan(pods []corev1.Pod) Described {
	return That(fmt.Sprintf("have another IP than before (%s)", ips(pods)), func(pod corev1.Pod) bool {
		same := func(old corev1.Pod) bool { return old.Status.PodIP == pod.Status.PodIP }
		return pod.Status.PodIP != "" && !slices.ContainsFunc(pods, same)
	})
}

// ShareAnIP matches Pods at least two of which have the same IP.
func ShareAnIP() Described {
	return That("share an IP", func(pods []corev1.Pod) bool {
		seen := map[string]bool{}
		for _, pod := range pods {
			if seen[pod.Status.PodIP] {
				return true
			}
			seen[pod.Status.PodIP] = pod.Status.PodIP != ""
		}
		return false
	})
}
