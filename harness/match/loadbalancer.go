package match

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// HaveExternalIP matches a Service that has an IP from a load balancer plugin.
func HaveExternalIP() Described {
	return That("have an external IP", hasExternalIP)
}

func hasExternalIP(service corev1.Service) bool {
	return slices.ContainsFunc(service.Status.LoadBalancer.Ingress, func(i corev1.LoadBalancerIngress) bool { return i.IP != "" })
}

// BeEachOf matches Announcers that are exactly these nodes.
func BeEachOf(names []string) Described {
	return That("be each of "+strings.Join(names, ", "), func(who probe.Announcers) bool {
		return len(who) == len(names) && !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(who, name) })
	})
}

// BeOneOf matches Announcers that consist of a single node, which is one of these.
func BeOneOf(names ...string) Described {
	return That("be one alone of "+strings.Join(names, ", "), func(who probe.Announcers) bool {
		return len(who) == 1 && slices.Contains(names, who[0])
	})
}

// HaveIPMode matches a Service with an external IP that says how nodes treat packets to that IP: VIP or Proxy.
func HaveIPMode() Described {
	return That("say how its external IP is used (ipMode)", func(service corev1.Service) bool {
		return slices.ContainsFunc(service.Status.LoadBalancer.Ingress, func(i corev1.LoadBalancerIngress) bool { return i.IP != "" && i.IPMode != nil })
	})
}
