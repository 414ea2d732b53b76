package match

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// HaveExternalIP matches a Service that a load balancer plugin has given an IP.
func HaveExternalIP() Described {
	return That("have an external IP", hasExternalIP)
}

func hasExternalIP(service corev1.Service) bool {
	return slices.ContainsFunc(service.Status.LoadBalancer.Ingress, func(i corev1.LoadBalancerIngress) bool { return i.IP != "" })
}

// HaveNodePorts matches a Service all of whose ports have node ports.
func HaveNodePorts() Described {
	return That("have node ports", func(service corev1.Service) bool {
		without := func(port corev1.ServicePort) bool { return port.NodePort == 0 }
		return len(service.Spec.Ports) > 0 && !slices.ContainsFunc(service.Spec.Ports, without)
	})
}

// BeEachOf matches Announcers that are all of these.
func BeEachOf(names []string) Described {
	return That("be each of "+strings.Join(names, ", "), func(who probe.Announcers) bool {
		return len(who) == len(names) && !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(who, name) })
	})
}

// BeOneOf matches Announcers of which there is one alone, among these.
func BeOneOf(names ...string) Described {
	return That("be one alone of "+strings.Join(names, ", "), func(who probe.Announcers) bool {
		return len(who) == 1 && slices.Contains(names, who[0])
	})
}

// BeComplete matches a Table whose cells are all filled in.
func BeComplete() Described { return That("be filled in", (*probe.Table).Complete) }
