package match

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/noteproof/noteproof/harness/probe"
)

// HaveRequest matches Resources with this request, such as ("memory", "2Gi"). It panics if the quantity is invalid.
func HaveRequest(name corev1.ResourceName, quantity string) Described {
	wanted := resource.MustParse(quantity)
	return That(fmt.Sprintf("request %s of %s", quantity, name), func(r probe.Resources) bool {
		actual, set := r.Requests[name]
		return set && actual.Equal(wanted)
	})
}

// HaveLimit matches Resources with this limit, such as ("cpu", "200m"). It panics if the quantity is invalid.
func HaveLimit(name corev1.ResourceName, quantity string) Described {
	wanted := resource.MustParse(quantity)
	return That(fmt.Sprintf("have a limit of %s of %s", quantity, name), func(r probe.Resources) bool {
		actual, set := r.Limits[name]
		return set && actual.Equal(wanted)
	})
}

// HaveNoLimit matches Resources without a limit of this resource. A policy of the namespace may have added one.
func HaveNoLimit(name corev1.ResourceName) Described {
	return That(fmt.Sprintf("have no limit of %s, as nobody asked for one", name), func(r probe.Resources) bool {
		_, set := r.Limits[name]
		return !set
	})
}
