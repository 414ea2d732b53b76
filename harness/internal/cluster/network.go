package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// kindNetwork is the network of kind's nodes, unless kind is configured with another.
const kindNetwork = "kind"

// network is the network of all kind clusters of one engine, other people's too. We remove it only when a run of ours
// made it and no container, running or stopped, is attached to it.
type network struct {
	eng  *engine.Engine
	name string
	lock *flock.Flock // shared while a cluster is being created, exclusive while the network is being removed
}

func newNetwork(eng *engine.Engine, dir string) *network {
	name := cmp.Or(os.Getenv("KIND_EXPERIMENTAL_"+strings.ToUpper(eng.Name())+"_NETWORK"), kindNetwork) // as kind chooses it
	return &network{eng: eng, name: name, lock: flock.New(filepath.Join(dir, "network-"+eng.Name()+"-"+name+".lock"))}
}

// mark is the file that says that the network is ours: its ID; empty while the network is being created.
func (n *network) mark() string { return strings.TrimSuffix(n.lock.Path(), ".lock") }

// hold keeps other runs from removing the network, and marks it as ours if it is not there yet: kind will make it. The
// caller calls settle when the containers are attached, or when there will be none.
func (n *network) hold(ctx context.Context) error {
	if _, err := n.lock.TryRLockContext(ctx, askAgain); err != nil {
		return fmt.Errorf("wait for the network %s, which another run removes: %w", n.name, err)
	}
	id, err := n.id(ctx)
	if err == nil && id == "" {
		err = os.WriteFile(n.mark(), nil, 0o600)
	}
	if err != nil {
		return errors.Join(err, n.lock.Unlock())
	}
	return nil
}

// settle completes the mark and lets other runs remove the network.
func (n *network) settle(ctx context.Context) error {
	defer n.lock.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	text, err := os.ReadFile(n.mark())
	if err != nil || len(text) > 0 {
		return nil // not ours, or known already
	}
	id, err := n.id(ctx)
	if err != nil {
		return err
	}
	if id == "" {
		return os.Remove(n.mark()) // it was not made after all
	}
	if err := os.WriteFile(n.mark(), []byte(id), 0o600); err != nil {
		return fmt.Errorf("write down whose the network %s is: %w", n.name, err)
	}
	return nil
}

// remove removes the network if it is ours and unused, and says whether it did.
func (n *network) remove(ctx context.Context) (bool, error) {
	free, err := n.lock.TryLock()
	if err != nil || !free {
		return false, err // a run is about to use it
	}
	defer n.lock.Unlock() //nolint:errcheck // the lock ends with the process at the latest
	text, err := os.ReadFile(n.mark())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // somebody else's
	}
	if err != nil {
		return false, fmt.Errorf("find out whose the network %s is: %w", n.name, err)
	}
	id, err := n.id(ctx)
	if err != nil {
		return false, err
	}
	if id == "" || len(text) > 0 && string(text) != id {
		return false, os.Remove(n.mark()) // ours is gone already
	}
	attached, err := n.eng.Run(ctx, "ps", "--all", "--quiet", "--filter", "network="+n.name)
	if err != nil || attached != "" {
		return false, err
	}
	if _, err := n.eng.Run(ctx, "network", "rm", n.name); err != nil {
		return false, fmt.Errorf("remove the network %s: %w", n.name, err)
	}
	return true, os.Remove(n.mark())
}

// id is the network's, or empty when it is not there.
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
	var said []struct{ ID string }
	if err := json.Unmarshal([]byte(text), &said); err != nil || len(said) == 0 {
		return "", fmt.Errorf("read what the engine says of the network %s: %q: %w", n.name, text, err)
	}
	return said[0].ID, nil
}
