package match

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeOnNode matches a Pod that was put on this node.
func BeOnNode(name string) Described {
	return that("be on node "+name, func(pod corev1.Pod) bool { return pod.Spec.NodeName == name })
}

// HaveMemory matches a Pod whose first container has this memory request and limit, such as "2Gi" and "3Gi". It panics
// on a malformed quantity: they are written in source, where a slip should be found at once.
func HaveMemory(request, limit string) Described {
	wanted := corev1.ResourceRequirements{
		Requests: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(request)},
		Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(limit)},
	}
	return that(fmt.Sprintf("request %s of memory with a limit of %s", request, limit), func(pod corev1.Pod) bool {
		has := pod.Spec.Containers[0].Resources
		return has.Requests.Memory().Equal(*wanted.Requests.Memory()) && has.Limits.Memory().Equal(*wanted.Limits.Memory())
	})
}

// HaveEvent matches Events with one of this reason whose message holds these words.
func HaveEvent(reason, words string) Described {
	return that(fmt.Sprintf("have an event %s with %q", reason, words), func(events probe.Events) bool {
		return slices.ContainsFunc(events, func(e probe.Event) bool { return e.Reason == reason && strings.Contains(e.Message, words) })
	})
}
