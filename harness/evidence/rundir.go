package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"

	"github.com/noteproof/noteproof/harness/claim"
)

// DisturbedDir is the directory of the runs on a cluster that was disturbed on purpose, one below it for each disturbance.
const DisturbedDir = "disturbed"

const (
	// runsDir is the directory, next to the links to the newest runs, with the directories of all runs: runs/<target>/<time>-<id>.
	runsDir = "runs"
	// keptRuns is how many runs of a target are kept.
	keptRuns = 30
	// runTime is the form of the time in the name of a run's directory. Names sort by time.
	runTime = "20060102T150405Z"
)

// RunDir is the directory of one run. No other run writes to it.
type RunDir struct {
	Path string
	// Previous holds the last answers of earlier runs.
	Previous Previous
	// Unread says which earlier answers cannot be read, so that they are not compared; nil if all can.
	Unread error
	// History holds the earlier runs of each claim, by its ID, the oldest first.
	History map[string][]Past

	lock *flock.Flock
}

// NewRun creates the directory of a run and makes link, such as out/v1.37.2, a link to it. A directory that an older noteproof created at
// link becomes the target's oldest run. Of the runs to which link led, the newest 30 are kept, and those that are still running. id keeps
// apart runs that start at the same time. The caller must call Close when the run ends.
func NewRun(link, id string, started time.Time) (*RunDir, error) {
	runs := runsOf(link)
	if err := os.MkdirAll(runs, 0o755); err != nil {
		return nil, fmt.Errorf("create the directory of the runs: %w", err)
	}
	d := &RunDir{Path: filepath.Join(runs, started.UTC().Format(runTime)+"-"+id)}
	if err := os.Mkdir(d.Path, 0o755); err != nil {
		return nil, fmt.Errorf("create the directory of the run: %w", err)
	}
	d.lock = flock.New(filepath.Join(d.Path, lockFile))
	if err := d.lock.Lock(); err != nil {
		return nil, fmt.Errorf("lock the directory of the run: %w", err)
	}
	last, err := lastRun(link)
	if err != nil {
		return nil, err
	}
	d.Previous, d.Unread = keepAnswers(link, last, d.Path)
	d.History = history(link, d.Path)
	below, err := filepath.Rel(filepath.Dir(link), d.Path)
	if err != nil {
		return nil, err
	}
	if err := renameio.Symlink(below, link); err != nil {
		return nil, fmt.Errorf("link the newest run: %w", err)
	}
	return d, prune(runs)
}

// Close says that the run has ended.
func (d *RunDir) Close() error {
	return errors.Join(os.Remove(d.lock.Path()), d.lock.Unlock())
}

// Running reports whether the run of a directory is still running.
func Running(dir string) bool {
	path := filepath.Join(dir, lockFile)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path)
	free, err := lock.TryLock()
	if free {
		_ = lock.Unlock()
	}
	return err == nil && !free
}

// Runs returns the directories of all runs of the target to which link belongs, the oldest first.
func Runs(link string) ([]string, error) {
	entries, err := os.ReadDir(runsOf(link))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	var dirs []string
	for _, entry := range entries {
		if entry.IsDir() {
			dirs = append(dirs, filepath.Join(runsOf(link), entry.Name()))
		}
	}
	return dirs, nil
}

// history returns the earlier runs of each claim. It skips runs without a record that can be read, which were told when they ended, and
// joined records, whose shards are runs themselves.
func history(link, current string) map[string][]Past {
	past := map[string][]Past{}
	dirs, err := Runs(link)
	if err != nil {
		return past
	}
	for _, dir := range dirs {
		if dir == current {
			continue
		}
		record, err := Load(filepath.Join(dir, RecordFile))
		if err != nil || len(record.Shards) > 0 {
			continue
		}
		for _, c := range record.Claims {
			if c.Verdict != claim.NotRun {
				past[c.ID] = append(past[c.ID], Past{At: c.Started, Verdict: c.Verdict, Failed: c.Failed(), Seconds: c.Seconds, Run: filepath.Base(dir)})
			}
		}
	}
	return past
}

// runsOf returns the directory with the runs of the target to which link belongs.
func runsOf(link string) string {
	return filepath.Join(filepath.Dir(link), runsDir, filepath.Base(link))
}

// lastRun returns the directory of the newest run to which link leads; empty if there is none.
func lastRun(link string) (string, error) {
	info, err := os.Lstat(link)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("find the last run: %w", err)
	case info.IsDir():
		dir := filepath.Join(runsOf(link), info.ModTime().UTC().Format(runTime)+"-earlier")
		if err := os.Rename(link, dir); err != nil {
			return "", fmt.Errorf("move the last run: %w", err)
		}
		return dir, nil
	}
	dir, err := filepath.EvalSymlinks(link)
	if errors.Is(err, fs.ErrNotExist) { // it was removed by hand
		return "", nil
	}
	return dir, err
}

// prune removes the oldest runs.
func prune(runs string) error {
	entries, err := os.ReadDir(runs)
	if err != nil {
		return fmt.Errorf("remove old runs: %w", err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(b.Name(), a.Name()) })
	for _, entry := range entries[min(keptRuns, len(entries)):] {
		dir := filepath.Join(runs, entry.Name())
		if !Running(dir) {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	return err
}
