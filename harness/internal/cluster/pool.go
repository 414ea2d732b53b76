package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"
)

// poolBits is the length of a pool's prefix: 16 addresses, about twice what the claims ask for at once.
const poolBits = 28

// pool is a block of addresses of the nodes' network that nobody else has or takes.
type pool struct {
	netip.Prefix
	lock *flock.Flock // keeps the pools of runs on one network apart; it ends with the process at the latest
}

// takePool takes a free block of addresses of the nodes' network for this run. The caller releases its lock.
func (c *Cluster) takePool(ctx context.Context) (*pool, error) {
	network, used, err := c.addresses(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := stateDir()
	if err != nil {
		return nil, err
	}
	for _, block := range freeBlocks(network, used) {
		lock := flock.New(filepath.Join(dir, "pool-"+block.Addr().String()+".lock"))
		free, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock the addresses %s: %w", block, err)
		}
		if !free {
			continue
		}
		silent, err := c.silent(ctx, block)
		if err == nil && silent {
			return &pool{block, lock}, nil
		}
		_ = lock.Unlock()
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the nodes' network %s has no block of %d addresses that nobody uses", network, 1<<(32-poolBits))
}

// freeBlocks lists the blocks of a network in which nobody has an address, the best first. An engine hands addresses
// out in ascending order, so the more free blocks lie below a block, the longer it stays free.
func freeBlocks(network netip.Prefix, used []netip.Addr) []netip.Prefix {
	type candidate struct {
		block netip.Prefix
		below int // free blocks right below it
	}
	var free []candidate
	below := 0
	for at := network.Masked().Addr(); network.Contains(at); at = after(at) {
		block := netip.PrefixFrom(at, poolBits)
		ends := at == network.Masked().Addr() || !network.Contains(after(at)) // with the network's own and its broadcast address
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

// after is the first address of the next block.
func after(at netip.Addr) netip.Addr {
	for range 1 << (32 - poolBits) {
		at = at.Next()
	}
	return at
}

// addresses are the nodes' IPv4 network and the addresses on it that the engine has handed out.
func (c *Cluster) addresses(ctx context.Context) (netip.Prefix, []netip.Addr, error) {
	ids, err := c.eng.Run(ctx, "ps", "--all", "--quiet", "--filter", "network="+c.network.name)
	if err != nil {
		return netip.Prefix{}, nil, fmt.Errorf("list the containers on the network %s: %w", c.network.name, err)
	}
	text, err := c.eng.Run(ctx, append([]string{"inspect", "--type", "container"}, strings.Fields(ids)...)...)
	if err != nil {
		return netip.Prefix{}, nil, fmt.Errorf("inspect the containers on the network %s: %w", c.network.name, err)
	}
	return parseAddresses(text, c.network.name)
}

// parseAddresses reads what `inspect` says of the containers on a network. One that does not run has no address.
func parseAddresses(text, on string) (network netip.Prefix, used []netip.Addr, err error) {
	var said []struct {
		NetworkSettings struct {
			Networks map[string]struct {
				IPAddress, Gateway string
				IPPrefixLen        int
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return network, nil, fmt.Errorf("read what the engine says of the network %s: %w", on, err)
	}
	for _, container := range said {
		has := container.NetworkSettings.Networks[on]
		for _, text := range []string{has.IPAddress, has.Gateway} {
			if address, err := netip.ParseAddr(text); err == nil && address.Is4() {
				used = append(used, address)
				network = netip.PrefixFrom(address, has.IPPrefixLen).Masked()
			}
		}
	}
	if !network.IsValid() {
		return network, nil, fmt.Errorf("no container has an IPv4 address on the network %s", on)
	}
	return network, used, nil
}

// askNeighbours forgets who had an address of the block, sends a packet to each, and lists who says within a second that
// it has it: an entry with a link-layer address.
const askNeighbours = `
ip neighbour flush to "$0"
for a; do echo > /dev/udp/$a/9; done 2>/dev/null
sleep 1
ip neighbour show to "$0" | grep lladdr || true`

// silent says whether nobody on the nodes' network answers for any address of the block, such as a load balancer of
// somebody else's cluster, whose addresses no engine knows.
func (c *Cluster) silent(ctx context.Context, block netip.Prefix) (bool, error) {
	args := []string{"exec", c.spec.Name + "-control-plane", "bash", "-c", askNeighbours, block.String()}
	for at := block.Addr(); block.Contains(at); at = at.Next() {
		args = append(args, at.String())
	}
	text, err := c.eng.Run(ctx, args...)
	if err != nil {
		return false, fmt.Errorf("look whether somebody has an address of %s: %w", block, err)
	}
	return !slices.ContainsFunc(neighbours(text), block.Contains), nil
}

// neighbours are the addresses at the beginning of each line.
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
