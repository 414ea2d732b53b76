package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
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

// masquerade is the nft script that gives packets the node's address when they go from its Pods to beyond the cluster.
// Packets to any Pod or node keep theirs. The table is ours alone, and the script replaces it in one transaction.
func masquerade(nodes []*corev1.Node, self string) string {
	var script strings.Builder
	for _, family := range []string{"ip", "ip6"} {
		ours := func(a netip.Addr) bool { return a.Is4() == (family == "ip") }
		var pods, cluster []string
		for _, n := range nodes {
			for _, cidr := range podCIDRs(n) {
				if !ours(cidr.Addr()) {
					continue
				}
				cluster = append(cluster, cidr.String())
				if n.Name == self {
					pods = append(pods, cidr.String())
				}
			}
			for _, a := range addresses(n) {
				if ours(a) {
					cluster = append(cluster, a.String())
				}
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
}
`, family, strings.Join(pods, ", "), strings.Join(slices.Compact(cluster), ", "))
	}
	return script.String()
}

// podCIDRs are those that can be read; the API server lets no others in.
func podCIDRs(n *corev1.Node) []netip.Prefix {
	cidrs := n.Spec.PodCIDRs
	if len(cidrs) == 0 && n.Spec.PodCIDR != "" {
		cidrs = []string{n.Spec.PodCIDR}
	}
	var all []netip.Prefix
	for _, text := range cidrs {
		if cidr, err := netip.ParsePrefix(text); err == nil {
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
