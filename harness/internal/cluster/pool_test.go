package cluster

import (
	"net/netip"
	"slices"
	"testing"
)

func TestFreeBlocks(t *testing.T) {
	for _, c := range []struct {
		name, network string
		used          []string
		best          string // empty if there is none
		count         int
	}{
		{"a fresh podman network", "10.89.0.0/24", []string{"10.89.0.1", "10.89.0.2", "10.89.0.4"}, "10.89.0.224/28", 14},
		{"high addresses in use", "10.89.0.0/24", []string{"10.89.0.1", "10.89.0.198", "10.89.0.214"}, "10.89.0.176/28", 12},
		{"an address within a block", "10.89.0.0/24", []string{"10.89.0.1", "10.89.0.230"}, "10.89.0.208/28", 13},
		{"docker's wide network", "172.18.0.0/16", []string{"172.18.0.1", "172.18.0.2"}, "172.18.255.224/28", 4094},
		{"a network of four blocks", "10.0.0.64/26", []string{"10.0.0.65"}, "10.0.0.96/28", 2},
		{"a network of two blocks", "10.0.0.64/27", []string{"10.0.0.65"}, "", 0},
		{"a network of one block", "10.0.0.64/28", nil, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var used []netip.Addr
			for _, text := range c.used {
				used = append(used, netip.MustParseAddr(text))
			}
			blocks := freeBlocks(netip.MustParsePrefix(c.network), used)
			if len(blocks) != c.count {
				t.Errorf("%d blocks, want %d: %v", len(blocks), c.count, blocks)
			}
			if len(blocks) > 0 && blocks[0].String() != c.best {
				t.Errorf("the best is %s, want %s", blocks[0], c.best)
			}
		})
	}
}

func TestParseAddresses(t *testing.T) {
	const said = `[
		{"NetworkSettings": {"Networks": {"kind": {"IPAddress": "10.89.0.12", "Gateway": "10.89.0.1", "IPPrefixLen": 24}}}},
		{"NetworkSettings": {"Networks": {"kind": {"IPAddress": "", "Gateway": "", "IPPrefixLen": 0}}}},
		{"NetworkSettings": {"Networks": {"kind": {"IPAddress": "10.89.0.13", "Gateway": "10.89.0.1", "IPPrefixLen": 24,
			"GlobalIPv6Address": "fc00:f853:ccd:e793::d", "GlobalIPv6PrefixLen": 64},
			"other": {"IPAddress": "192.168.1.2", "Gateway": "192.168.1.1", "IPPrefixLen": 24}}}}]`
	network, six, used, err := parseAddresses(said, "kind")
	if err != nil || network.String() != "10.89.0.0/24" || six.String() != "fc00:f853:ccd:e793::/64" || len(used) != 4 {
		t.Errorf("networks %s and %s, used %v, error %v", network, six, used, err)
	}
	if _, _, _, err := parseAddresses(`[]`, "kind"); err == nil {
		t.Error("want an error for a network without containers")
	}
}

func TestAPoolHasAddressesOfBothFamilies(t *testing.T) {
	block := netip.MustParsePrefix("10.89.0.224/28")
	for network, want := range map[string][]string{
		"fc00:f853:ccd:e793::/64": {"10.89.0.224/28", "fc00:f853:ccd:e793::a59:e0/124"},
		"fc00::a59:0/112":         {"10.89.0.224/28"}, // too small
	} {
		p := pool{Prefix: block, six: besides(netip.MustParsePrefix(network), block)}
		if got := p.ranges(); !slices.Equal(got, want) {
			t.Errorf("on %s the pool is %v, want %v", network, got, want)
		}
	}
	if p := (pool{Prefix: block, six: besides(netip.Prefix{}, block)}); len(p.ranges()) != 1 {
		t.Errorf("without an IPv6 network the pool is %v", p.ranges())
	}
}

func TestNeighbours(t *testing.T) {
	got := neighbours("10.89.0.1 dev eth0 lladdr ee:ff:53:a7:a7:8c REACHABLE\n10.89.0.230 dev eth0 lladdr 9e:9e:f5:81:5c:e2 STALE\n")
	if len(got) != 2 || got[1] != netip.MustParseAddr("10.89.0.230") {
		t.Errorf("neighbours are %v", got)
	}
}
