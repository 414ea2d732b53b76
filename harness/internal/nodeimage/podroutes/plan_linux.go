package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// route leads to the Pods of another node.
type route struct {
	To  netip.Prefix // the node's Pod CIDR
	Via netip.Addr   // the node's address
}

func (r route) String() string { return r.To.String() + " via " + r.Via.String() }

func compareRoutes(a, b route) int { return strings.Compare(a.String(), b.String()) }

// wanted are the routes that the node called self needs: one for each Pod CIDR of each other node that has an address
// of the same family.
func wanted(nodes []*corev1.Node, self string) []route {
	var routes []route
	for _, n := range nodes {
		if n.Name == self {
			continue
		}
		for _, cidr := range podCIDRs(n) {
			for _, via := range addresses(n) {
				if via.Is4() == cidr.Addr().Is4() {
					routes = append(routes, route{cidr, via})
					break
				}
			}
		}
	}
	slices.SortFunc(routes, compareRoutes)
	return routes
}

// changes turns the routes that there are into those that are wanted. A route whose node has another address now is
// replaced, hence not removed.
func changes(have, want []route) (replace, remove []route) {
	for _, w := range want {
		if !slices.Contains(have, w) {
			replace = append(replace, w)
		}
	}
	for _, h := range have {
		if !slices.ContainsFunc(want, func(w route) bool { return w.To == h.To }) {
			remove = append(remove, h)
		}
	}
	return replace, remove
}

// firewall is the nft script for what leaves the node. Packets from its Pods to beyond the cluster get the node's
// address; those to any Pod or node keep theirs. Packets to a Service that nothing has redirected (there is no such
// Service, or kube-proxy is not there yet) are refused: else they would leave the machine. The tables are ours alone,
// and the script replaces each in one transaction.
func firewall(nodes []*corev1.Node, self string, services []netip.Prefix) string {
	var script strings.Builder
	for _, family := range []string{"ip", "ip6"} {
		v4 := family == "ip"
		var pods, cluster []string
		for _, n := range nodes {
			cidrs := texts(podCIDRs(n), func(p netip.Prefix) bool { return p.Addr().Is4() == v4 })
			cluster = slices.Concat(cluster, cidrs, texts(addresses(n), func(a netip.Addr) bool { return a.Is4() == v4 }))
			if n.Name == self {
				pods = cidrs
			}
		}
		if len(pods) == 0 {
			continue
		}
		slices.Sort(cluster)
		fmt.Fprintf(&script, `add table %[1]s podroutes
delete table %[1]s podroutes
table %[1]s podroutes {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		%[1]s saddr { %[2]s } %[1]s daddr != { %[3]s } masquerade
	}
`, family, strings.Join(pods, ", "), strings.Join(slices.Compact(cluster), ", "))
		unserved := texts(services, func(p netip.Prefix) bool { return p.Addr().Is4() == v4 })
		for _, hook := range []string{"forward", "output"} {
			if len(unserved) > 0 {
				fmt.Fprintf(&script, `	chain %[2]s {
		type filter hook %[2]s priority filter; policy accept;
		oifname != "lo" %[1]s daddr { %[3]s } reject
	}
`, family, hook, strings.Join(unserved, ", "))
			}
		}
		script.WriteString("}\n")
	}
	return script.String()
}

// texts are those of all that fit, as nft writes them.
func texts[T fmt.Stringer](all []T, fits func(T) bool) []string {
	var out []string
	for _, t := range all {
		if fits(t) {
			out = append(out, t.String())
		}
	}
	return out
}

// podCIDRs are those that can be read; the API server lets no others in.
func podCIDRs(n *corev1.Node) []netip.Prefix {
	cidrs := n.Spec.PodCIDRs
	if len(cidrs) == 0 && n.Spec.PodCIDR != "" {
		cidrs = []string{n.Spec.PodCIDR}
	}
	return prefixes(cidrs)
}

func prefixes(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		if cidr, err := netip.ParsePrefix(strings.TrimSpace(text)); err == nil {
			all = append(all, cidr.Masked())
		}
	}
	return all
}

func addresses(n *corev1.Node) []netip.Addr {
	var all []netip.Addr
	for _, a := range n.Status.Addresses {
		if a.Type != corev1.NodeInternalIP {
			continue
		}
		if addr, err := netip.ParseAddr(a.Address); err == nil {
			all = append(all, addr.Unmap())
		}
	}
	return all
}

// cniConfig is the node's CNI configuration. The leases lie in /run: after a restart of the node there are none.
func cniConfig(pods []netip.Prefix) ([]byte, error) {
	type object = map[string]any
	var ranges, routes []any
	for _, cidr := range pods {
		ranges = append(ranges, []object{{"subnet": cidr.String()}})
		everywhere := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		if cidr.Addr().Is6() {
			everywhere = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		}
		routes = append(routes, object{"dst": everywhere.String()})
	}
	return json.MarshalIndent(object{
		"cniVersion": "1.0.0",
		"name":       "podroutes",
		"plugins": []object{
			{"type": "ptp", "ipMasq": false, "ipam": object{
				"type": "host-local", "dataDir": "/run/cni-ipam-state", "ranges": ranges, "routes": routes,
			}},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	}, "", "  ")
}

// serviceSubnets reads the Service subnets from the ClusterConfiguration that kubeadm leaves in the cluster.
func serviceSubnets(clusterConfiguration string) ([]netip.Prefix, error) {
	var config struct {
		Networking struct{ ServiceSubnet string }
	}
	if err := yaml.Unmarshal([]byte(clusterConfiguration), &config); err != nil {
		return nil, err
	}
	return prefixes(strings.Split(config.Networking.ServiceSubnet, ",")), nil
}
