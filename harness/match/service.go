package match

import (
	"fmt"
	"net"
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// ComeFromEachOf matches Answers that are the names of these Pods: every one of them, and nothing else.
func ComeFromEachOf(pods []corev1.Pod) Described {
	names := join(pods, func(pod corev1.Pod) string { return pod.Name })
	return that("come from each of "+names+" and nobody else", func(answers probe.Answers) bool {
		known := 0
		for _, pod := range pods {
			if answers[pod.Name] > 0 {
				known++
			}
		}
		return known == len(pods) && known == len(answers)
	})
}

// BeTheSameService matches a Service with the UID and the ClusterIP of one of these.
func BeTheSameService(old []corev1.Service) Described {
	return that("be the same Service with the same ClusterIP as before", func(service corev1.Service) bool {
		return service.DeletionTimestamp == nil && slices.ContainsFunc(old, func(o corev1.Service) bool {
			return o.UID == service.UID && o.Spec.ClusterIP == service.Spec.ClusterIP
		})
	})
}

// HaveNodePortsBetween matches a Service whose ports all have node ports in this range, ends included.
func HaveNodePortsBetween(first, last int32) Described {
	return that(fmt.Sprintf("have node ports from %d to %d", first, last), func(service corev1.Service) bool {
		outside := func(port corev1.ServicePort) bool { return port.NodePort < first || port.NodePort > last }
		return len(service.Spec.Ports) > 0 && !slices.ContainsFunc(service.Spec.Ports, outside)
	})
}

// ShowClient matches the Answer of agnhost's /clientip to a client whose address the server saw to be this one.
func ShowClient(address string) Described {
	return that("show the client's own address "+address, func(a probe.Answer) bool {
		host, _, err := net.SplitHostPort(a.Body)
		return a.Status == http.StatusOK && err == nil && host == address
	})
}
