package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// poolBits is the length of a pool's prefix: 16 addresses, about twice as many as the claims use at once.
const poolBits = 28

// pool is a block of unused addresses of the nodes' network.
type pool struct {
	netip.Prefix
	six   netip.Prefix // a block of IPv6 addresses; invalid if the network has none
	lease *lease       // keeps other runs from using the blocks
}

// ranges returns the blocks with addresses that the cluster's Services can have.
func (p *pool) ranges() []string {
	if !p.six.IsValid() {
		return []string{p.String()}
	}
	return []string{p.String(), p.six.String()}
}

// takePool reserves a block of unused addresses of the nodes' network for this run. The caller must release its lease.
func (c *Cluster) takePool(ctx context.Context) (*pool, error) {
	network, six, used, err := c.addresses(ctx)
	if err != nil {
		return nil, err
	}
	for _, block := range freeBlocks(network, used) {
		name := c.network.name + "-" + strings.NewReplacer(".", "-").Replace(block.Addr().String())
		lease, _, err := tryAcquire(ctx, c.eng, name, c.spec.Image.Ref)
		if err != nil {
			return nil, fmt.Errorf("reserve the addresses %s: %w", block, err)
		}
		if lease == nil {
			continue
		}
		unused, err := c.unused(ctx, block)
		if err == nil && unused {
			return &pool{block, besides(six, block), lease}, nil
		}
		if err = errors.Join(err, lease.release()); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the nodes' network %s has no block of %d unused addresses", network, 1<<(32-poolBits))
}

// besides returns the block of an IPv6 network that belongs to a block of IPv4 addresses: the network's prefix, and the IPv4 address at
// the end. Engines assign addresses from the network's beginning, so that they do not reach it. It is invalid if there is no network.
func besides(network, block netip.Prefix) netip.Prefix {
	if !network.IsValid() || network.Bits() > 128-32 {
		return netip.Prefix{}
	}
	address, four := network.Masked().Addr().As16(), block.Addr().As4()
	copy(address[12:], four[:])
	return netip.PrefixFrom(netip.AddrFrom16(address), 128-32+block.Bits())
}

// freeBlocks lists the blocks of a network that contain no used address, the best first. An engine assigns addresses in
// ascending order, so a block stays free longer the more free blocks precede it.
func freeBlocks(network netip.Prefix, used []netip.Addr) []netip.Prefix {
	type candidate struct {
		block netip.Prefix
		below int // the number of consecutive free blocks directly below it
	}
	var free []candidate
	below := 0
	for at := network.Masked().Addr(); network.Contains(at); at = after(at) {
		block := netip.PrefixFrom(at, poolBits)
		ends := at == network.Masked().Addr() || !network.Contains(after(at)) // holds the network's or the broadcast address
		if ends || slices.ContainsFunc(used, block.Contains) {
			below = 0
			continue
		}
		free = append(free, candidate{block, below})
		below++
	}
	slices.SortStableFunc(free, func(a, b candidate) int { return b.below - a.below })
	blocks := make([]netip.Prefix, len(free))
	for i, c := range free {
		blocks[i] = c.block
	}
	return blocks
}

// after returns the first address of the next block.
func after(at netip.Addr) netip.Addr {
	for range 1 << (32 - poolBits) {
		at = at.Next()
	}
	return at
}

// addresses returns the nodes' IPv4 network, the IPv6 network, which is invalid if there is none, and the addresses on the first one
// that the engine has assigned.
func (c *Cluster) addresses(ctx context.Context) (four, six netip.Prefix, used []netip.Addr, err error) {
	ids, err := c.eng.Run(ctx, "ps", "--all", "--quiet", "--filter", "network="+c.network.name)
	if err != nil {
		return four, six, nil, fmt.Errorf("list the containers on the network %s: %w", c.network.name, err)
	}
	text, err := c.eng.Run(ctx, append([]string{"inspect", "--type", "container"}, strings.Fields(ids)...)...)
	if err != nil {
		return four, six, nil, fmt.Errorf("inspect the containers on the network %s: %w", c.network.name, err)
	}
	return parseAddresses(text, c.network.name)
}

// parseAddresses parses the output of `inspect` on the containers of a network. A stopped container has no address.
func parseAddresses(text, on string) (four, six netip.Prefix, used []netip.Addr, err error) {
	var inspected []struct {
		Config          struct{ Labels map[string]string }
		NetworkSettings struct {
			Networks map[string]struct {
				IPAddress, Gateway, GlobalIPv6Address string
				IPPrefixLen, GlobalIPv6PrefixLen      int
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &inspected); err != nil {
		return four, six, nil, fmt.Errorf("parse the engine's output on the network %s: %w", on, err)
	}
	for _, container := range inspected {
		for name, settings := range container.NetworkSettings.Networks {
			if networkName(name, container.Config.Labels) != on {
				continue
			}
			for _, text := range []string{settings.IPAddress, settings.Gateway} {
				if address, err := netip.ParseAddr(text); err == nil && address.Is4() {
					used = append(used, address)
					four = netip.PrefixFrom(address, settings.IPPrefixLen).Masked()
				}
			}
			if address, err := netip.ParseAddr(settings.GlobalIPv6Address); err == nil {
				six = netip.PrefixFrom(address, settings.GlobalIPv6PrefixLen).Masked()
			}
		}
	}
	if !four.IsValid() {
		return four, six, nil, fmt.Errorf("no container has an IPv4 address on the network %s", on)
	}
	return four, six, used, nil
}

// askNeighbours clears the neighbour entries of the block, sends a packet to each address, and lists the addresses that
// resolve within a second: the entries with a link-layer address.
const askNeighbours = `
ip neighbour flush to "$0"
for a; do echo > /dev/udp/$a/9; done 2>/dev/null
sleep 1
ip neighbour show to "$0" | grep lladdr || true`

// unused reports whether no address of the block is in use on the nodes' network. Addresses of another cluster's load
// balancer are in use although the engine does not list them.
func (c *Cluster) unused(ctx context.Context, block netip.Prefix) (bool, error) {
	args := []string{"exec", c.spec.Name + "-control-plane", "bash", "-c", askNeighbours, block.String()}
	for at := block.Addr(); block.Contains(at); at = at.Next() {
		args = append(args, at.String())
	}
	text, err := c.eng.Run(ctx, args...)
	if err != nil {
		return false, fmt.Errorf("check whether an address of %s is in use: %w", block, err)
	}
	return !slices.ContainsFunc(neighbours(text), block.Contains), nil
}

// neighbours parses the address at the beginning of each line.
func neighbours(text string) []netip.Addr {
	var all []netip.Addr
	for line := range strings.Lines(text) {
		word, _, _ := strings.Cut(line, " ")
		if address, err := netip.ParseAddr(word); err == nil {
			all = append(all, address)
		}
	}
	return all
}
