package main

import (
	"net/netip"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func node(name, address string, podCIDRs ...string) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.NodeSpec{PodCIDRs: podCIDRs}}
	if address != "" {
		n.Status.Addresses = []corev1.NodeAddress{
			{Type: corev1.NodeHostName, Address: name},
			{Type: corev1.NodeInternalIP, Address: address},
		}
	}
	return n
}

func to(cidr, via string) route { return route{netip.MustParsePrefix(cidr), netip.MustParseAddr(via)} }

func TestOneRoutePerOtherNode(t *testing.T) {
	nodes := []*corev1.Node{
		node("c", "10.89.0.4", "10.244.2.0/24"),
		node("self", "10.89.0.2", "10.244.0.0/24"),
		node("b", "10.89.0.3", "10.244.1.0/24", "fd00:10:244:1::/64"),
		node("without-cidr", "10.89.0.5"),
		node("without-address", "", "10.244.4.0/24"),
	}
	NewWithT(t).Expect(wanted(nodes, "self")).To(Equal([]route{
		to("10.244.1.0/24", "10.89.0.3"), to("10.244.2.0/24", "10.89.0.4"),
	}))
}

func TestChanges(t *testing.T) {
	a, b := to("10.244.1.0/24", "10.89.0.3"), to("10.244.2.0/24", "10.89.0.4")
	moved := to("10.244.1.0/24", "10.89.0.9")
	for _, c := range []struct {
		name                        string
		have, want, replace, remove []route
	}{
		{"nothing to do", []route{a, b}, []route{a, b}, nil, nil},
		{"a new node", []route{a}, []route{a, b}, []route{b}, nil},
		{"a node is gone", []route{a, b}, []route{b}, nil, []route{a}},
		{"a node came back with another address", []route{a, b}, []route{moved, b}, []route{moved}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			replace, remove := changes(c.have, c.want)
			NewWithT(t).Expect(replace).To(Equal(c.replace))
			NewWithT(t).Expect(remove).To(Equal(c.remove))
		})
	}
}

func TestFirewallLeavesTheClustersOwnTrafficAlone(t *testing.T) {
	nodes := []*corev1.Node{node("self", "10.89.0.2", "10.244.0.0/24"), node("b", "10.89.0.3", "10.244.1.0/24")}
	NewWithT(t).Expect(firewall(nodes, "self", prefixes([]string{"10.96.0.0/16"}))).To(Equal(`add table ip podroutes
delete table ip podroutes
table ip podroutes {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr { 10.244.0.0/24 } ip daddr != { 10.244.0.0/24, 10.244.1.0/24, 10.89.0.2, 10.89.0.3 } masquerade
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		oifname != "lo" ip daddr { 10.96.0.0/16 } reject
	}
	chain output {
		type filter hook output priority filter; policy accept;
		oifname != "lo" ip daddr { 10.96.0.0/16 } reject
	}
}
`))
}

func TestNoFirewallBeforeTheNodeHasAPodCIDR(t *testing.T) {
	nodes := []*corev1.Node{node("self", "10.89.0.2"), node("b", "10.89.0.3", "10.244.1.0/24")}
	NewWithT(t).Expect(firewall(nodes, "self", nil)).To(BeEmpty())
}

func TestCNIConfigHandsOutTheNodesPodCIDR(t *testing.T) {
	config, err := cniConfig(prefixes([]string{"10.244.1.0/24"}))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(config).To(MatchJSON(`{
		"cniVersion": "1.0.0", "name": "podroutes", "plugins": [
			{"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "dataDir": "/run/cni-ipam-state",
				"ranges": [[{"subnet": "10.244.1.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
			{"type": "portmap", "capabilities": {"portMappings": true}}]}`))
}

func TestServiceSubnetsOfBothFamilies(t *testing.T) {
	subnets, err := serviceSubnets("kind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/16,fd00:10:96::/112\n")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(subnets).To(Equal(prefixes([]string{"10.96.0.0/16", "fd00:10:96::/112"})))
}
