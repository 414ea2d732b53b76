package match

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// LeadTo matches Endpoints that are exactly these Pods, compared by UID.
func LeadTo(pods []corev1.Pod) Described {
	return That("lead to just these Pods ("+uids(pods)+")", func(endpoints probe.Endpoints) bool {
		return len(endpoints) == len(pods) && !slices.ContainsFunc(pods, func(pod corev1.Pod) bool {
			return !slices.ContainsFunc(endpoints, func(e probe.Endpoint) bool { return e.UID == pod.UID })
		})
	})
}
