package cluster

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

func TestNetworkWithIsTheNetworkOfTheNodesAddress(t *testing.T) {
	g := NewWithT(t)
	networks, err := parseNetworks(`[{"NetworkSettings": {"Networks": {"other": {"IPAddress": "10.1.0.2"}, "kind": {"IPAddress": "10.89.0.3", "GlobalIPv6Address": "fc00::3"}, "off": {"IPAddress": ""}}}}]`)
	g.Expect(err).NotTo(HaveOccurred())
	at := func(address string) corev1.Node {
		return corev1.Node{Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeHostName, Address: "kind"}, {Type: corev1.NodeInternalIP, Address: address},
		}}}
	}
	for address, want := range map[string]string{"10.89.0.3": "kind/0", "fc00::3": "kind/1", "10.89.0.4": "/0", "": "/0"} {
		network, of := networkWith(networks, at(address))
		g.Expect(fmt.Sprintf("%s/%d", network, of)).To(Equal(want), address)
	}
	_, err = parseNetworks(`[]`)
	g.Expect(err).To(HaveOccurred())
}

func TestEngineFailed(t *testing.T) {
	g := NewWithT(t)
	g.Expect(engineFailed(125, "")).To(BeTrue())
	g.Expect(engineFailed(1, "Error response from daemon: container abc is not running")).To(BeTrue())
	g.Expect(engineFailed(-1, "")).To(BeTrue())
	g.Expect(engineFailed(28, "curl: (28) timed out")).To(BeFalse())
}
