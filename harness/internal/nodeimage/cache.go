package nodeimage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is the interval between attempts to take the lock of another build.
const lockPoll = 500 * time.Millisecond

// tmpPrefix begins the names of unfinished outputs.
const tmpPrefix = ".half-"

// errNotCached says that the cache does not have an output, and that the caller does not want it made.
var errNotCached = errors.New("not in the cache")

// hash returns a short hash of a step's inputs.
func hash(inputs any) string {
	data, err := json.Marshal(inputs)
	if err != nil {
		panic(fmt.Sprintf("inputs of a step cannot be written as JSON: %v", err)) // a programming error, never a user's
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:16]
}

// step is one whose output the cache may have.
type step struct {
	name   string // of its folder in the cache
	inputs any
}

// path returns the path of a step's output.
func (s *Source) path(of step) string { return filepath.Join(s.Cache, of.name, hash(of.inputs)) }

// cached returns the path of a step's output. If no earlier run had the same inputs, it calls make, which writes the output to
// out. The output is renamed to its final path once it is complete.
func (s *Source) cached(of step, what string, make func(out string) error) (string, error) {
	final := s.path(of)
	if _, err := os.Stat(final); err == nil {
		s.job.Skip(of.name)
		now := time.Now() // Prune goes by the time of the last use
		return final, os.Chtimes(final, now, now)
	}
	if s.cachedOnly {
		return "", errNotCached
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(final), tmpPrefix)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	end := s.begin(of.name, what)
	out := filepath.Join(tmp, "out")
	if err := make(out); err != nil {
		return "", end(fmt.Errorf("%s: %w", what, err))
	}
	syscall.Sync() // after a power cut there must be no file without its content under a name that is trusted
	return final, end(os.Rename(out, final))
}

// whenMissing calls build, which takes all outputs from the cache if it can. Only if one is missing it waits for other builds
// and calls build again, so that a run whose images are present never waits for somebody's build.
func (s *Source) whenMissing(ctx context.Context, build func(*Source) error) error {
	cached := *s
	cached.cachedOnly = true
	if err := build(&cached); !errors.Is(err, errNotCached) {
		return err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return build(s)
}

// lock keeps two builds from running at the same time. It waits for another one, and removes the unfinished outputs of
// interrupted ones.
func (s *Source) lock(ctx context.Context) (unlock func(), err error) {
	unlock, free, err := s.tryLock()
	if free || err != nil {
		return unlock, err
	}
	l := s.flock()
	step := s.Log.Step("wait for another build, which holds %s", l.Path())
	_, err = l.TryLockContext(ctx, lockPoll)
	if step.End(err) != nil {
		return nil, fmt.Errorf("wait for the lock %s: %w", l.Path(), err)
	}
	return s.locked(l), nil
}

// tryLock is lock, but it does not wait: free is false while another build is running.
func (s *Source) tryLock() (unlock func(), free bool, err error) {
	if err := os.MkdirAll(s.Cache, 0o755); err != nil {
		return nil, false, fmt.Errorf("create the cache folder: %w", err)
	}
	l := s.flock()
	free, err = l.TryLock()
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", l.Path(), err)
	}
	if !free {
		return nil, false, nil
	}
	return s.locked(l), true, nil
}

// Building reports whether some process builds an image in the cache. It makes no cache where there is none.
func (s *Source) Building() (bool, error) {
	if _, err := os.Stat(s.Cache); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	unlock, free, err := s.tryLock()
	if free {
		unlock()
	}
	return err == nil && !free, err
}

func (s *Source) flock() *flock.Flock { return flock.New(filepath.Join(s.Cache, "lock")) }

// locked removes the unfinished outputs of interrupted builds: those of steps, and an image's archive.
func (s *Source) locked(l *flock.Flock) (unlock func()) {
	for _, pattern := range []string{filepath.Join("*", tmpPrefix+"*"), tmpPrefix + "*"} {
		unfinished, _ := filepath.Glob(filepath.Join(s.Cache, pattern))
		for _, path := range unfinished {
			os.RemoveAll(path)
		}
	}
	removeTempDirs()
	return func() { l.Unlock() }
}
