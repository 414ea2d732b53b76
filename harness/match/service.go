package match

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeTheSameService matches a Service that is not being deleted and has the UID and the ClusterIP of one of these.
func BeTheSameService(old []corev1.Service) Described {
	return That("be the same Service with the same ClusterIP as before", func(service corev1.Service) bool {
		return service.DeletionTimestamp == nil && slices.ContainsFunc(old, func(o corev1.Service) bool {
			return o.UID == service.UID && o.Spec.ClusterIP == service.Spec.ClusterIP
		})
	})
}

// HaveNodePorts matches a Service whose ports all have node ports.
func HaveNodePorts() Described {
	return That("have node ports", func(service corev1.Service) bool {
		without := func(port corev1.ServicePort) bool { return port.NodePort == 0 }
		return len(service.Spec.Ports) > 0 && !slices.ContainsFunc(service.Spec.Ports, without)
	})
}

// HaveNodePortsBetween matches a Service whose ports all have node ports from first to last, inclusive.
func HaveNodePortsBetween(first, last int32) Described {
	return That(fmt.Sprintf("have node ports from %d to %d", first, last), func(service corev1.Service) bool {
		outside := func(port corev1.ServicePort) bool { return port.NodePort < first || port.NodePort > last }
		return len(service.Spec.Ports) > 0 && !slices.ContainsFunc(service.Spec.Ports, outside)
	})
}

// ShowClient matches the Answer of agnhost's /clientip to a client whose address the server saw as this one.
func ShowClient(address string) Described {
	return That("show the client's own address "+address, func(a probe.Answer) bool {
		host, _, err := net.SplitHostPort(a.Body)
		return a.Status == http.StatusOK && err == nil && host == address
	})
}

// The kinds of addresses at which a Service can be reached, for BeReachedAt.
const (
	ClusterIP  = "a ClusterIP"
	NodePort   = "a node port"
	ExternalIP = "an external IP"
	PodIPs     = "its Pods' own IPs"
)

// BeReachedAt matches a Service that has addresses of exactly these kinds, in this order: ClusterIP, NodePort, ExternalIP,
// PodIPs. Only a headless Service has PodIPs.
func BeReachedAt(kinds ...string) Described {
	return That("be reached at "+strings.Join(kinds, ", ")+" alone", func(service corev1.Service) bool {
		return slices.Equal(reachedAt(service), kinds)
	})
}

// reachedAt returns the kinds of a Service's addresses, in the order of the constants.
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

// HaveExternalTrafficPolicy matches a Service with this policy.
func HaveExternalTrafficPolicy(policy corev1.ServiceExternalTrafficPolicy) Described {
	return That("have externalTrafficPolicy "+string(policy), func(service corev1.Service) bool {
		return service.Spec.ExternalTrafficPolicy == policy
	})
}

// BelongTo matches an AddressOwner that is this Service.
func BelongTo(service corev1.Service) Described {
	return That("belong to Service "+service.Name, func(owner probe.AddressOwner) bool {
		return string(owner) == "services/"+service.Namespace+"/"+service.Name
	})
}

// BeNoObject matches the AddressOwner of an address that is no object of the API.
func BeNoObject() Described {
	return That("be no object", func(owner probe.AddressOwner) bool { return owner == "" })
}
