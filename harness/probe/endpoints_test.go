package probe

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestReadyEndpoints(t *testing.T) {
	endpoint := func(uid types.UID, ready *bool) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{
			Addresses: []string{"10.0.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: ready},
			TargetRef: &corev1.ObjectReference{Name: "pod-" + string(uid), UID: uid},
		}
	}
	yes, no := true, false
	nobody := endpoint("d", &yes)
	nobody.TargetRef = nil
	g := NewWithT(t)
	found := readyEndpoints([]discoveryv1.EndpointSlice{
		{Endpoints: []discoveryv1.Endpoint{endpoint("a", &yes), endpoint("b", &no), nobody}},
		{Endpoints: []discoveryv1.Endpoint{endpoint("a", &yes), endpoint("c", nil)}},
	})
	g.Expect(found).To(Equal(Endpoints{{Pod: "pod-a", UID: "a", IP: "10.0.0.1"}, {Pod: "pod-c", UID: "c", IP: "10.0.0.1"}}))
	g.Expect(readyEndpoints(nil).String()).To(Equal("no ready endpoint"))
}
