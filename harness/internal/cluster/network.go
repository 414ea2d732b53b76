package cluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// network is the network of our clusters of one engine.
type network struct {
	eng  *engine.Engine
	name string
	own  bool // its name is ours; otherwise only a label can say that it is
}

// networkLabel marks a network that we created under a name that is not ours.
const networkLabel = "io.noteproof.network"

func newNetwork(eng *engine.Engine) *network {
	if eng.Name() == engine.Nerdctl {
		return &network{eng: eng, name: "kind"} // the only one that kind knows for nerdctl
	}
	ours := "noteproof-" + eng.Name()
	name := cmp.Or(os.Getenv(networkVariable(eng)), ours)
	return &network{eng: eng, name: name, own: name == ours}
}

// networkVariable is the variable by which kind chooses the network. Kind derives its IPv6 subnet from its name. Networks of the same
// name in two engines would have the same one, and docker drops what arrives for its addresses on the bridge of another engine.
func networkVariable(eng *engine.Engine) string {
	return "KIND_EXPERIMENTAL_" + strings.ToUpper(eng.Name()) + "_NETWORK"
}

// prepare makes kind use the network. Kind creates it if it does not exist, except for nerdctl, which refuses a subnet that another
// engine's bridge has, in words in which kind does not recognize that it must try another.
func (n *network) prepare(ctx context.Context) error {
	if err := os.Setenv(networkVariable(n.eng), n.name); err != nil {
		return fmt.Errorf("choose kind's network: %w", err)
	}
	if n.eng.Name() != engine.Nerdctl {
		return nil
	}
	if exists, _, err := n.find(ctx); exists || err != nil {
		return err
	}
	_, err := n.eng.Run(ctx, "network", "create", "--driver", "bridge", "--ipv6", "--subnet", localSubnet(), "--label", networkLabel+"=true", n.name)
	if err == nil {
		return nil
	}
	if exists, _, _ := n.find(ctx); exists {
		return nil // another run has created it
	}
	return fmt.Errorf("create the network %s: %w", n.name, err)
}

// localSubnet returns a random unique local IPv6 subnet (RFC 4193).
func localSubnet() string {
	address := [16]byte{0: 0xfd}
	_, _ = rand.Read(address[1:6]) // it never fails
	return netip.PrefixFrom(netip.AddrFrom16(address), 64).String()
}

// remove removes the network if it is ours, no container is attached to it, and no run holds a lease, since a run that does is about to
// use it. It reports whether it did.
func (n *network) remove(ctx context.Context) (bool, error) {
	exists, ours, err := n.find(ctx)
	if !exists || !ours || err != nil {
		return false, err
	}
	attached, err := n.eng.Run(ctx, "ps", "--all", "--quiet", "--filter", "network="+n.name)
	if err != nil || attached != "" {
		return false, err
	}
	held, err := leases(ctx, n.eng)
	if err != nil || len(held) > 0 {
		return false, err
	}
	if _, err := n.eng.Run(ctx, "network", "rm", n.name); err != nil {
		return false, fmt.Errorf("remove the network %s: %w", n.name, err)
	}
	return true, nil
}

// find reports whether the network exists, and whether it is ours.
func (n *network) find(ctx context.Context) (exists, ours bool, err error) {
	names, err := n.eng.Run(ctx, "network", "ls", "--format", "{{.Name}}")
	if err != nil {
		return false, false, fmt.Errorf("list networks: %w", err)
	}
	exists = slices.Contains(strings.Fields(names), n.name)
	if !exists || n.own {
		return exists, n.own, nil
	}
	text, err := n.eng.Run(ctx, "network", "inspect", n.name)
	if err != nil {
		return false, false, fmt.Errorf("inspect the network %s: %w", n.name, err)
	}
	var networks []struct{ Labels map[string]string }
	if err := json.Unmarshal([]byte(text), &networks); err != nil || len(networks) == 0 {
		return false, false, fmt.Errorf("parse the engine's output on the network %s: %q: %w", n.name, text, err)
	}
	return true, networks[0].Labels[networkLabel] != "", nil
}
