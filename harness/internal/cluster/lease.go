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

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// retryEvery is the interval between attempts to take a lock or to remove containers.
const retryEvery = 300 * time.Millisecond

// The phases of a cluster, as its lease shows them to other runs.
const (
	making = "making" // its creation has begun and not finished
	inUse  = "in use" // complete, and a run uses it
	kept   = "kept"   // complete, and left for the next run
	gone   = "gone"   // removed
)

// note is the content of a lease's file. It informs other runs; only the lock on the file is binding.
type note struct {
	PID        int       `json:"pid"`
	Command    string    `json:"command"`
	Since      time.Time `json:"since"`
	Phase      string    `json:"phase"`
	Kubeconfig string    `json:"kubeconfig,omitempty"`
}

func (n note) String() string {
	return fmt.Sprintf("process %d (%s) since %s", n.PID, n.Command, n.Since.Format(time.TimeOnly))
}

// lease is the exclusive right to a cluster's name in an engine of this machine. It ends with the process at the latest. Its file is not
// removed: otherwise two runs could each hold a lock on a different file of the same name.
type lease struct {
	lock *flock.Flock
	path string
}

// stateDir returns the user's folder for the locks and marks by which runs that use this engine coordinate, and creates it if
// needed. Clusters of the same name in two engines have nothing in common. The folder is in that of temporary files if the user's
// cache folder cannot be written.
func stateDir(eng *engine.Engine) (string, error) {
	if cache, err := os.UserCacheDir(); err == nil {
		dir := filepath.Join(cache, "noteproof", "clusters", eng.Name())
		if environ.Writable(dir, 0o700) == nil {
			return dir, nil
		}
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("noteproof-user-%d", os.Getuid()), "clusters", eng.Name())
	if err := environ.Writable(dir, 0o700); err != nil {
		return "", fmt.Errorf("create the folder of the clusters' locks: %w: set TMPDIR to a folder that can be written", err)
	}
	return dir, nil
}

// acquire waits for the lease of a cluster's name and logs which process holds it. The caller must release it.
func acquire(ctx context.Context, log *progress.Log, dir, name string) (*lease, error) {
	l, free, err := tryAcquire(dir, name)
	if err != nil || free {
		return l, err
	}
	step := log.Step("wait for the cluster %s, used by %s", name, l.read())
	_, err = l.lock.TryLockContext(ctx, retryEvery)
	if err != nil {
		err = fmt.Errorf("wait for the cluster %s, used by %s: %w", name, l.read(), err)
	}
	return l, step.End(err)
}

// tryAcquire takes the lease of a cluster's name if no process holds it, and reports whether it did. It returns the lease in
// any case, so that the caller can read its note.
func tryAcquire(dir, name string) (*lease, bool, error) {
	path := filepath.Join(dir, name+".lock")
	l := &lease{lock: flock.New(path), path: path}
	free, err := l.lock.TryLock()
	if err != nil {
		return l, false, fmt.Errorf("lock the cluster %s: %w", name, err)
	}
	return l, free, nil
}

// write writes the note of this process, with the cluster's phase, to the lease's file.
func (l *lease) write(phase, kubeconfig string) error {
	text, err := json.Marshal(note{os.Getpid(), strings.Join(os.Args, " "), time.Now().Round(time.Second), phase, kubeconfig})
	if err != nil {
		return fmt.Errorf("write the state of a cluster: %w", err)
	}
	if err := os.WriteFile(l.path, text, 0o600); err != nil {
		return fmt.Errorf("write the state of a cluster: %w", err)
	}
	return nil
}

// read returns the note that was written last, or the zero note.
func (l *lease) read() note {
	var n note
	text, err := os.ReadFile(l.path)
	if err == nil {
		_ = json.Unmarshal(text, &n) // a truncated note leaves n zero
	}
	return n
}

func (l *lease) release() error { return l.lock.Unlock() }
