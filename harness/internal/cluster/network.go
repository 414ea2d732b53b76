package cluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// network is the network of our clusters of one engine, or of all kind clusters if it has kind's name. We remove it only if one of
// our runs created it and no container, running or stopped, is attached to it.
type network struct {
	eng  *engine.Engine
	name string
	lock *flock.Flock // shared while a cluster is being created, exclusive while the network is being removed
}

func newNetwork(eng *engine.Engine, dir string) *network {
	name := "kind" // the only one that kind knows for nerdctl
	if eng.Name() != engine.Nerdctl {
		name = cmp.Or(os.Getenv(networkVariable(eng)), "noteproof-"+eng.Name())
	}
	return &network{eng: eng, name: name, lock: flock.New(filepath.Join(dir, "network-"+name+".lock"))}
}

// networkVariable is the variable by which kind chooses the network. Kind derives its IPv6 subnet from its name. Networks of the same
// name in two engines would have the same one, and docker drops what arrives for its addresses on the bridge of another engine.
func networkVariable(eng *engine.Engine) string {
	return "KIND_EXPERIMENTAL_" + strings.ToUpper(eng.Name()) + "_NETWORK"
}

// markPath returns the path of the file that marks the network as ours. The file holds the network's ID; it is empty while
// the network is being created.
func (n *network) markPath() string { return strings.TrimSuffix(n.lock.Path(), ".lock") }

// hold keeps other runs from removing the network, and marks it as ours if it does not exist yet, because kind is about to
// create it. The caller must call settle once the containers are attached, or when creating them has failed.
func (n *network) hold(ctx context.Context) error {
	if err := os.Setenv(networkVariable(n.eng), n.name); err != nil {
		return fmt.Errorf("choose kind's network: %w", err)
	}
	if _, err := n.lock.TryRLockContext(ctx, retryEvery); err != nil {
		return fmt.Errorf("wait for the network %s, which another run is removing: %w", n.name, err)
	}
	id, err := n.id(ctx)
	if err == nil && id == "" {
		err = os.WriteFile(n.markPath(), nil, 0o600)
		if err == nil && n.eng.Name() == engine.Nerdctl {
			err = n.create(ctx)
		}
	}
	if err != nil {
		return errors.Join(err, n.lock.Unlock())
	}
	return nil
}

// create creates the network in place of kind, which gives it the same IPv6 subnet in every engine. Nerdctl refuses a subnet that
// another engine's bridge has, in words in which kind does not recognize that it must try another.
func (n *network) create(ctx context.Context) error {
	_, err := n.eng.Run(ctx, "network", "create", "--driver", "bridge", "--ipv6", "--subnet", localSubnet(), n.name)
	if err == nil {
		return nil
	}
	if id, _ := n.id(ctx); id != "" {
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

// settle completes the mark and lets other runs remove the network.
func (n *network) settle(ctx context.Context) error {
	defer n.lock.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	text, err := os.ReadFile(n.markPath())
	if err != nil || len(text) > 0 {
		return nil // not ours, or its ID is already in the mark
	}
	id, err := n.id(ctx)
	if err != nil {
		return err
	}
	if id == "" {
		return os.Remove(n.markPath()) // kind did not create it
	}
	if err := os.WriteFile(n.markPath(), []byte(id), 0o600); err != nil {
		return fmt.Errorf("mark the network %s as ours: %w", n.name, err)
	}
	return nil
}

// remove removes the network if it is ours and unused, and reports whether it did.
func (n *network) remove(ctx context.Context) (bool, error) {
	free, err := n.lock.TryLock()
	if err != nil || !free {
		return false, err // a run is about to use it
	}
	defer n.lock.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	text, err := os.ReadFile(n.markPath())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // not ours
	}
	if err != nil {
		return false, fmt.Errorf("read the mark of the network %s: %w", n.name, err)
	}
	id, err := n.id(ctx)
	if err != nil {
		return false, err
	}
	if id == "" || len(text) > 0 && string(text) != id {
		return false, os.Remove(n.markPath()) // ours no longer exists
	}
	attached, err := n.eng.Run(ctx, "ps", "--all", "--quiet", "--filter", "network="+n.name)
	if err != nil || attached != "" {
		return false, err
	}
	if _, err := n.eng.Run(ctx, "network", "rm", n.name); err != nil {
		return false, fmt.Errorf("remove the network %s: %w", n.name, err)
	}
	return true, os.Remove(n.markPath())
}

// id returns the network's ID; empty if the network does not exist.
func (n *network) id(ctx context.Context) (string, error) {
	names, err := n.eng.Run(ctx, "network", "ls", "--format", "{{.Name}}")
	if err != nil {
		return "", fmt.Errorf("list networks: %w", err)
	}
	if !slices.Contains(strings.Fields(names), n.name) {
		return "", nil
	}
	text, err := n.eng.Run(ctx, "network", "inspect", n.name)
	if err != nil {
		return "", fmt.Errorf("inspect the network %s: %w", n.name, err)
	}
	var networks []struct{ ID string }
	if err := json.Unmarshal([]byte(text), &networks); err != nil || len(networks) == 0 {
		return "", fmt.Errorf("parse the engine's output on the network %s: %q: %w", n.name, text, err)
	}
	return networks[0].ID, nil
}
