package nodeimage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a build that waits for another one looks whether its turn has come.
const lockPoll = 500 * time.Millisecond

// halfMade begins the names of outputs that a step has not finished.
const halfMade = ".half-"

// hash is a short name for inputs: equal for equal ones, another for others.
func hash(inputs any) string {
	data, err := json.Marshal(inputs)
	if err != nil {
		panic(fmt.Sprintf("inputs of a step cannot be written as JSON: %v", err)) // a programming error, never a user's
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:16]
}

// cached returns the path of a step's output. It is made by make, which writes it to out, unless an earlier run with
// the same inputs made it. An output gets its good name only when it is whole.
func (s *Source) cached(name, what string, inputs any, make func(out string) error) (string, error) {
	good := filepath.Join(s.Cache, name, hash(inputs))
	if _, err := os.Stat(good); err == nil {
		now := time.Now() // Prune keeps what was used last
		return good, os.Chtimes(good, now, now)
	}
	if err := os.MkdirAll(filepath.Dir(good), 0o755); err != nil {
		return "", err
	}
	half, err := os.MkdirTemp(filepath.Dir(good), halfMade)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(half)
	step := s.Log.Step("%s", what)
	out := filepath.Join(half, "out")
	if err := make(out); err != nil {
		return "", step.End(fmt.Errorf("%s: %w", what, err))
	}
	return good, step.End(os.Rename(out, good))
}

// lock keeps two builds apart. What a build that was cut off left half made is removed.
func (s *Source) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(s.Cache, 0o755); err != nil {
		return nil, fmt.Errorf("the cache folder: %w", err)
	}
	l := flock.New(filepath.Join(s.Cache, "lock"))
	if ok, err := l.TryLock(); err != nil {
		return nil, fmt.Errorf("lock %s: %w", l.Path(), err)
	} else if !ok {
		step := s.Log.Step("wait for another build, which holds %s", l.Path())
		_, err := l.TryLockContext(ctx, lockPoll)
		if step.End(err) != nil {
			return nil, fmt.Errorf("wait for the lock %s: %w", l.Path(), err)
		}
	}
	half, _ := filepath.Glob(filepath.Join(s.Cache, "*", halfMade+"*"))
	for _, path := range half {
		os.RemoveAll(path)
	}
	return func() { l.Unlock() }, nil
}
