package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"github.com/noteproof/noteproof/harness/engine"
)

// kindNetwork is the network of all kind clusters of one engine, other people's too. It is kind's default.
const kindNetwork = "kind"

// network is what is known of kind's network and of whose it is. We remove it only when a run of ours made it and no
// container, running or stopped, is attached to it.
type network struct {
	eng  *engine.Engine
	dir  string
	lock *flock.Flock // shared while a cluster is being created, exclusive while the network is being removed
}

func newNetwork(eng *engine.Engine, dir string) *network {
	return &network{eng: eng, dir: dir, lock: flock.New(filepath.Join(dir, "network-"+eng.Name()+".lock"))}
}

// mark is the file that says that the network is ours: its ID, or nothing between the intent and the deed.
func (n *network) mark() string { return filepath.Join(n.dir, "network-"+n.eng.Name()) }

// hold keeps other runs from removing the network, and marks it as ours if it is not there yet: kind will make it. The
// caller calls settle when the containers are attached, or when there will be none.
func (n *network) hold(ctx context.Context) error {
	if _, err := n.lock.TryRLockContext(ctx, askAgain); err != nil {
		return fmt.Errorf("wait for the network %s, which another run removes: %w", kindNetwork, err)
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
	if err != nil || id == "" {
		return err
	}
	if err := os.WriteFile(n.mark(), []byte(id), 0o600); err != nil {
		return fmt.Errorf("write down whose the network %s is: %w", kindNetwork, err)
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
		return false, fmt.Errorf("find out whose the network %s is: %w", kindNetwork, err)
	}
	id, err := n.id(ctx)
	if err != nil {
		return false, err
	}
	if id == "" || len(text) > 0 && string(text) != id {
		return false, os.Remove(n.mark()) // ours is gone already
	}
	attached, err := n.eng.Run(ctx, "ps", "--all", "--quiet", "--filter", "network="+kindNetwork)
	if err != nil || attached != "" {
		return false, err
	}
	if _, err := n.eng.Run(ctx, "network", "rm", kindNetwork); err != nil {
		return false, fmt.Errorf("remove the network %s: %w", kindNetwork, err)
	}
	return true, os.Remove(n.mark())
}

// id is the network's, or empty when it is not there.
func (n *network) id(ctx context.Context) (string, error) {
	names, err := n.eng.Run(ctx, "network", "ls", "--format", "{{.Name}}")
	if err != nil {
		return "", fmt.Errorf("list networks: %w", err)
	}
	if !slices.Contains(strings.Fields(names), kindNetwork) {
		return "", nil
	}
	text, err := n.eng.Run(ctx, "network", "inspect", kindNetwork)
	if err != nil {
		return "", fmt.Errorf("inspect the network %s: %w", kindNetwork, err)
	}
	var said []struct{ ID string }
	if err := json.Unmarshal([]byte(text), &said); err != nil || len(said) == 0 {
		return "", fmt.Errorf("read what the engine says of the network %s: %q: %w", kindNetwork, text, err)
	}
	return said[0].ID, nil
}
