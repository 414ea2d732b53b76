package series

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
)

// File is the path of the state of a series: a JSON file. The series holds a lock on a second file next to it while it runs.
type File string

// Lock creates the file's folder and acquires the lock. It does not wait: free is false while another process holds the lock.
// The caller must call release.
func (f File) Lock() (release func(), free bool, err error) {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o755); err != nil {
		return nil, false, fmt.Errorf("create the folder of the records: %w", err)
	}
	lock := flock.New(f.lockPath())
	free, err = lock.TryLock()
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	return func() { lock.Unlock() }, free, nil
}

// Locked reports whether a series holds the lock. It creates no file.
func (f File) Locked() bool {
	if _, err := os.Stat(f.lockPath()); err != nil {
		return false
	}
	release, free, err := f.Lock()
	if free {
		release()
	}
	return err == nil && !free
}

func (f File) lockPath() string { return string(f) + ".lock" }

// Load reads the state into the value that state points to. If the file does not exist, it returns false and no error.
func (f File) Load(state any) (bool, error) {
	text, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, state)
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", f, err)
	}
	return true, nil
}

// Save writes the state as JSON, atomically: a reader sees the old or the new content, even after a power failure.
func (f File) Save(state any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(state); err != nil {
		return fmt.Errorf("write %s: %w", f, err)
	}
	if err := atomicfile.Write(string(f), text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", f, err)
	}
	return nil
}
