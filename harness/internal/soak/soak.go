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

// stateFile is the name of the state's file in the soak's folder.
const stateFile = "soak.json"

// minRuns is the smallest number of runs that can be compared: one idle and one loaded.
const minRuns = 2

// ErrRunning is returned while another soak holds the folder.
var ErrRunning = errors.New("another soak is running")

// State is the progress of a soak. Its JSON form is soak.json in the folder of the soak. It is written on every change.
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
	// BusySeconds is the processor time that the load used; zero for an idle run.
	BusySeconds float64 `json:"busySeconds,omitempty"`
}

// Folder returns the folder of the run's records and reports, relative to the folder of the soak: "run-07".
func (r *Run) Folder() string { return fmt.Sprintf("run-%02d", r.Number) }

// state returns the state of the machine for logs and pages: "idle" or "loaded".
func state(loaded bool) string {
	if loaded {
		return "loaded"
	}
	return "idle"
}

// Soak is a soak to run.
type Soak struct {
	Dir     string // the folder of the soak, such as out/soak; its run-NN folders are replaced
	Version string // exact
	Claims  string // as in State; Run passes it on
	Runs    int    // the number of runs; an interrupted soak may be continued with more
	Fresh   bool   // begin a new soak instead of continuing an interrupted one
	// Run runs the suite, which writes its record below the run's folder, and sets BusySeconds. last is true for the last
	// run. suite is the error of the suite. err is set if the load failed; it ends the soak.
	Run func(ctx context.Context, r *Run, last bool) (suite, err error)
	// Each is called after each run. It may be nil.
	Each func(s *State) error
	Log  *progress.Log // nil logs nothing
}

// file returns the state's file of the last soak in dir.
func file(dir string) series.File { return series.File(filepath.Join(dir, stateFile)) }

// Busy reports whether a soak is running in dir.
func Busy(dir string) bool { return file(dir).Locked() }

// Interrupted returns the state of the unfinished soak in dir, or nil if there is none.
func Interrupted(dir string) (*State, error) {
	s := &State{}
	found, err := file(dir).Load(s)
	if err != nil {
		return nil, fmt.Errorf("read the state of the last soak: %w; begin a new one with FRESH=1", err)
	}
	if !found || !s.Finished.IsZero() {
		return nil, nil
	}
	return s, nil
}

// Go makes the remaining runs. It returns an error if it is interrupted, if the load or Each fails or if the state cannot be
// written, and then returns the state as well, if it has begun. The outcome of the runs is in their records.
func (k Soak) Go(ctx context.Context) (*State, error) {
	release, free, err := file(k.Dir).Lock()
	if err != nil {
		return nil, err
	}
	if !free {
		return nil, fmt.Errorf("%w in %s: wait until it ends, or set NOTEPROOF_OUT to another folder", ErrRunning, k.Dir)
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

// begin continues an interrupted soak of the same version and claims with its finished runs, or begins a new soak.
func (k Soak) begin() (*State, error) {
	if k.Runs < minRuns {
		return nil, fmt.Errorf("%d runs cannot be compared: at least %d are needed", k.Runs, minRuns)
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
	if k.Runs < len(before.Runs) && k.Runs <= latest { // no run would be left to remove the cluster
		return nil, fmt.Errorf("run %d of the interrupted soak is already done: use more than N=%d, or begin a new soak with FRESH=1", latest, k.Runs)
	}
	k.Log.Say("   continuing the soak of %s, which was interrupted: %d of %d runs are done (FRESH=1 begins a new one)",
		before.Began.Format(time.DateTime), len(s.done()), len(s.Runs))
	return s, k.write(s)
}

// continued returns the interrupted soak to continue, or nil to begin a new one.
func (k Soak) continued() (*State, error) {
	if k.Fresh {
		return nil, nil
	}
	before, err := Interrupted(k.Dir)
	if before == nil || err != nil {
		return nil, err
	}
	if before.Version != k.Version || before.Claims != k.Claims {
		k.Log.Say("   beginning a new soak: the interrupted one of %s has other claims or another version (K8S=%s CLAIMS=%s)",
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

// one runs the suite once, in an empty folder, so that the run is not compared with the record of an interrupted one.
func (k Soak) one(ctx context.Context, s *State, run *Run, last bool) error {
	folder := filepath.Join(k.Dir, run.Folder())
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("empty the folder of run %d: %w", run.Number, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("create the folder of run %d: %w", run.Number, err)
	}
	job := series.Job{
		Row: &run.Row, Dir: k.Dir, Record: filepath.Join(run.Folder(), evidence.Folder(s.Version, ""), evidence.RecordFile), Version: s.Version,
		Save: func() error { return k.write(s) }, Log: k.Log,
		Run: func(ctx context.Context) (suite, err error) { return k.Run(ctx, run, last) },
	}
	err := job.Do(ctx)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the soak was interrupted in run %d; noteproof soak continues there, and noteproof clean removes the cluster: %w", run.Number, err)
	case err != nil:
		return fmt.Errorf("run %d does not count; noteproof soak repeats it: %w", run.Number, err)
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

// done returns the runs that are done.
func (s *State) done() []*Run { return s.where(true) }

// left returns the runs that are not done.
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

// Records loads the records of the runs that are done, in order.
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
