package match

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// The addresses at which a Service can be reached, as BeReachedAt names them.
const (
	ClusterIP  = "a ClusterIP"
	NodePort   = "a node port"
	ExternalIP = "an external IP"
	PodIPs     = "its Pods' own IPs"
)

// BeReachedAt matches a Service that is reached at addresses of just these kinds: ClusterIP, NodePort, ExternalIP, or
// PodIPs, which are all that a headless Service stands for.
func BeReachedAt(kinds ...string) Described {
	return that("be reached at "+strings.Join(kinds, ", ")+" alone", func(service corev1.Service) bool {
		return slices.Equal(reachedAt(service), kinds)
	})
}

// reachedAt lists the kinds in the order of the constants.
func reachedAt(service corev1.Service) []string {
	var kinds []string
	if ip := service.Spec.ClusterIP; ip != "" && ip != corev1.ClusterIPNone {
		kinds = append(kinds, ClusterIP)
	}
	if slices.ContainsFunc(service.Spec.Ports, func(port corev1.ServicePort) bool { return port.NodePort != 0 }) {
		kinds = append(kinds, NodePort)
	}
	if hasExternalIP(service) {
		kinds = append(kinds, ExternalIP)
	}
	if service.Spec.ClusterIP == corev1.ClusterIPNone {
		kinds = append(kinds, PodIPs)
	}
	return kinds
}

// HaveExternalTrafficPolicy matches a Service that is stored with this policy.
func HaveExternalTrafficPolicy(policy corev1.ServiceExternalTrafficPolicy) Described {
	return that("have externalTrafficPolicy "+string(policy), func(service corev1.Service) bool {
		return service.Spec.ExternalTrafficPolicy == policy
	})
}
