package cluster

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

func TestNetworkWithIsTheNetworkOfTheNodesAddress(t *testing.T) {
	g := NewWithT(t)
	networks, err := parseNetworks(`[{"NetworkSettings": {"Networks": {"other": {"IPAddress": "10.1.0.2"}, "kind": {"IPAddress": "10.89.0.3"}, "off": {"IPAddress": ""}}}}]`)
	g.Expect(err).NotTo(HaveOccurred())
	at := func(address string) corev1.Node {
		return corev1.Node{Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeHostName, Address: "kind"}, {Type: corev1.NodeInternalIP, Address: address},
		}}}
	}
	g.Expect(networkWith(networks, at("10.89.0.3"))).To(Equal("kind"))
	g.Expect(networkWith(networks, at("10.89.0.4"))).To(BeEmpty())
	g.Expect(networkWith(networks, corev1.Node{})).To(BeEmpty())
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
