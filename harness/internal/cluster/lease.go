package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

// askAgain is how often a run that waits for another looks whether it is done.
const askAgain = 300 * time.Millisecond

// The phases of a cluster's life, as its lease shows them to other runs.
const (
	making = "making" // begun, and not known to be whole
	inUse  = "in use" // whole, and a run works with it
	kept   = "kept"   // whole, and left for the next run
	gone   = "gone"
)

// note is what stands in a lease's file. It is only for others to read; the lock on the file is what counts.
type note struct {
	PID        int       `json:"pid"`
	Command    string    `json:"command"`
	Since      time.Time `json:"since"`
	Phase      string    `json:"phase"`
	Kubeconfig string    `json:"kubeconfig,omitempty"`
}

func (n note) String() string {
	return fmt.Sprintf("process %d (%s), which has it since %s", n.PID, n.Command, n.Since.Format(time.TimeOnly))
}

// lease is the sole right to a cluster's name on this machine. It ends with the process at the latest. The file stays:
// removing it would let two runs lock two files of one name.
type lease struct {
	lock *flock.Flock
	path string
}

// stateDir is the folder, one per user, of what runs must know of each other.
func stateDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("user-%d", os.Getuid()))
	}
	dir := filepath.Join(cache, "noteproof", "clusters")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of the clusters' locks: %w", err)
	}
	return dir, nil
}

// take waits for the right to a cluster's name, and says whom it waits for. The caller releases it.
func take(ctx context.Context, log *progress.Log, dir, name string) (*lease, error) {
	l, free, err := tryTake(dir, name)
	if err != nil || free {
		return l, err
	}
	step := log.Step("wait for the cluster %s: it belongs to %s", name, l.read())
	_, err = l.lock.TryLockContext(ctx, askAgain)
	if err != nil {
		err = fmt.Errorf("wait for the cluster %s, which belongs to %s: %w", name, l.read(), err)
	}
	return l, step.End(err)
}

// tryTake takes the right to a cluster's name if nobody has it. The lease is returned in any case, to be read.
func tryTake(dir, name string) (*lease, bool, error) {
	path := filepath.Join(dir, name+".lock")
	l := &lease{lock: flock.New(path), path: path}
	free, err := l.lock.TryLock()
	if err != nil {
		return l, false, fmt.Errorf("lock the cluster %s: %w", name, err)
	}
	return l, free, nil
}

// tell writes who we are and how far the cluster has come.
func (l *lease) tell(phase, kubeconfig string) error {
	text, err := json.Marshal(note{os.Getpid(), strings.Join(os.Args, " "), time.Now().Round(time.Second), phase, kubeconfig})
	if err != nil {
		return fmt.Errorf("write down the state of a cluster: %w", err)
	}
	if err := os.WriteFile(l.path, text, 0o600); err != nil {
		return fmt.Errorf("write down the state of a cluster: %w", err)
	}
	return nil
}

// read returns what was written last; zero when nothing was.
func (l *lease) read() note {
	var n note
	text, err := os.ReadFile(l.path)
	if err == nil {
		_ = json.Unmarshal(text, &n) // half a note is as good as none
	}
	return n
}

func (l *lease) release() error { return l.lock.Unlock() }
