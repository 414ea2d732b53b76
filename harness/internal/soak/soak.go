// Package soak repeats the suite on one Kubernetes version, idle and loaded in turn, and reports every verdict that was
// not the same in all runs. It continues a soak that was interrupted.
//
//	soak.go      the runs, one after another, and their state on disk
//	summary.go   what the records of all runs say together; pure
//	compare.go   what is usual for a claim, and which runs differ from it; pure
//	times.go     medians, maxima and their ratio; pure
//	markdown.go  the summary as a page; pure
package soak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// stateFile is the state of the last soak, in its folder.
const stateFile = "soak.json"

// fewest is the smallest number of runs that can be compared, one idle and one loaded.
const fewest = 2

// ErrRunning is returned while another soak holds the folder.
var ErrRunning = errors.New("another soak is running")

// State is how far a soak has come. Its JSON form is soak.json in the folder of the soak, written at every change.
type State struct {
	Began    time.Time `json:"began"`
	Finished time.Time `json:"finished,omitzero"` // zero until every run is done
	Version  string    `json:"version"`           // exact, "v1.37.2"
	Claims   string    `json:"claims,omitempty"`  // the regular expression of the claims to run; empty means all
	Runs     []*Run    `json:"runs"`
}

// Run is one run of the suite.
type Run struct {
	Number int  `json:"number"` // from 1
	Loaded bool `json:"loaded"` // every core was kept busy
	series.Row
	// BusySeconds is the processor time that the load took; zero for an idle run.
	BusySeconds float64 `json:"busySeconds,omitempty"`
}

// Folder is where the run's records and reports go, below the folder of the soak: "run-07".
func (r *Run) Folder() string { return fmt.Sprintf("run-%02d", r.Number) }

// state is how a log or a page calls the state of the machine: "idle" or "loaded".
func state(loaded bool) string {
	if loaded {
		return "loaded"
	}
	return "idle"
}

// Soak is what is to be run.
type Soak struct {
	Dir     string // the folder of the soak, such as out/soak; its run-NN folders are replaced
	Version string // exact
	Claims  string // as in State; Run passes it on
	Runs    int    // how many; an interrupted soak may be continued with more
	Fresh   bool   // begin a new soak instead of continuing the one that was interrupted
	// Run runs the suite, which writes its record below the run's folder, and sets BusySeconds. last says that no run
	// is left after this one. How the suite ended is suite; err is for a load that failed, which ends the soak.
	Run func(ctx context.Context, r *Run, last bool) (suite, err error)
	// Each is called after each run; nil does nothing.
	Each func(s *State) error
	Log  *progress.Log // nil logs nothing
}

// file is the state of the last soak in dir, with its lock.
func file(dir string) series.File { return series.File(filepath.Join(dir, stateFile)) }

// Busy reports whether a soak is running in dir.
func Busy(dir string) bool { return file(dir).Locked() }

// Interrupted is the soak in dir that has runs left; nil when there is none.
func Interrupted(dir string) (*State, error) {
	s := &State{}
	found, err := file(dir).Load(s)
	if err != nil {
		return nil, fmt.Errorf("read the state of the last soak: %w; begin a new one by FRESH=1", err)
	}
	if !found || !s.Finished.IsZero() {
		return nil, nil
	}
	return s, nil
}

// Go runs what is left to run. It returns the state also with an error: ctx's when it was interrupted, that of the load
// or of Each, or one of writing the state. How the runs ended is in their records.
func (k Soak) Go(ctx context.Context) (*State, error) {
	release, free, err := file(k.Dir).Lock()
	if err != nil {
		return nil, err
	}
	if !free {
		return nil, fmt.Errorf("%w in %s: wait for it, or name another folder by NOTEPROOF_OUT", ErrRunning, k.Dir)
	}
	defer release()
	s, err := k.begin()
	if err != nil {
		return nil, err
	}
	left := len(s.left())
	for _, run := range s.left() {
		left--
		k.Log.Say("══ run %d of %d, %s", run.Number, len(s.Runs), state(run.Loaded))
		if err := k.one(ctx, s, run, left == 0); err != nil {
			return s, err
		}
		if k.Each != nil {
			if err := k.Each(s); err != nil {
				return s, err
			}
		}
	}
	s.Finished = time.Now().UTC()
	return s, k.write(s)
}

// begin takes over the finished runs of an interrupted soak of the same version and claims, or begins a new soak.
func (k Soak) begin() (*State, error) {
	if k.Runs < fewest {
		return nil, fmt.Errorf("%d runs cannot be compared: name at least %d by N=%d", k.Runs, fewest, fewest)
	}
	before, err := k.continued()
	if err != nil {
		return nil, err
	}
	s := &State{Began: time.Now().UTC(), Version: k.Version, Claims: k.Claims}
	for n := 1; n <= k.Runs; n++ {
		s.Runs = append(s.Runs, &Run{Number: n, Loaded: n%2 == 0})
	}
	if before == nil {
		return s, errors.Join(k.removeRuns(), k.write(s))
	}
	s.Began = before.Began
	latest := 0 // the number of the last run that is done
	for _, old := range before.Runs {
		if !old.Recorded(k.Dir) {
			continue
		}
		if latest = old.Number; latest <= k.Runs {
			s.Runs[latest-1] = old
		}
	}
	if k.Runs < len(before.Runs) && k.Runs <= latest { // no run is left that would remove the cluster
		return nil, fmt.Errorf("run %d of the interrupted soak is done already: ask for more than N=%d, or begin a new soak by FRESH=1", latest, k.Runs)
	}
	k.Log.Say("   continuing the soak of %s, which was interrupted: %d of %d runs are done (FRESH=1 begins a new one)",
		before.Began.Format(time.DateTime), len(s.done()), len(s.Runs))
	return s, k.write(s)
}

// continued is the interrupted soak to continue; nil when a new one is to begin.
func (k Soak) continued() (*State, error) {
	if k.Fresh {
		return nil, nil
	}
	before, err := Interrupted(k.Dir)
	if before == nil || err != nil {
		return nil, err
	}
	if before.Version != k.Version || before.Claims != k.Claims {
		k.Log.Say("   the soak of %s was interrupted, and was of other claims or another version (K8S=%s CLAIMS=%s): a new one begins",
			before.Began.Format(time.DateTime), before.Version, before.Claims)
		return nil, nil
	}
	return before, nil
}

// removeRuns removes the folders of an earlier soak's runs.
func (k Soak) removeRuns() error {
	old, err := filepath.Glob(filepath.Join(k.Dir, "run-[0-9]*"))
	if err != nil {
		return fmt.Errorf("find the runs of an earlier soak: %w", err)
	}
	for _, dir := range old {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove a run of an earlier soak: %w", err)
		}
	}
	return nil
}

// one runs the suite once, in an empty folder: no run is compared with the record of one that was interrupted.
func (k Soak) one(ctx context.Context, s *State, run *Run, last bool) error {
	folder := filepath.Join(k.Dir, run.Folder())
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("empty the folder of run %d: %w", run.Number, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder of run %d: %w", run.Number, err)
	}
	job := series.Job{
		Row: &run.Row, Dir: k.Dir, Record: filepath.Join(run.Folder(), evidence.Folder(s.Version, ""), evidence.RecordFile), Version: s.Version,
		Save: func() error { return k.write(s) }, Log: k.Log,
		Run: func(ctx context.Context) (suite, err error) { return k.Run(ctx, run, last) },
	}
	err := job.Do(ctx)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the soak was interrupted in run %d; make soak continues there, and make clean removes the cluster: %w", run.Number, err)
	case err != nil:
		return fmt.Errorf("run %d, which does not count; make soak runs it again: %w", run.Number, err)
	default:
		return nil
	}
}

func (k Soak) write(s *State) error {
	if err := file(k.Dir).Save(s); err != nil {
		return fmt.Errorf("write the state of the soak: %w", err)
	}
	return nil
}

// done are the runs that went to their end.
func (s *State) done() []*Run { return s.where(true) }

// left are the runs that are still to be run.
func (s *State) left() []*Run { return s.where(false) }

func (s *State) where(done bool) []*Run {
	var runs []*Run
	for _, run := range s.Runs {
		if run.Done() == done {
			runs = append(runs, run)
		}
	}
	return runs
}

// Records loads the records of the runs that are done, in their order.
func (s *State) Records(dir string) ([]*evidence.Record, error) {
	var records []*evidence.Record
	for _, run := range s.done() {
		record, err := run.Load(dir)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}
