// Package matrix runs a suite on one Kubernetes version after another, and goes on where it was interrupted.
package matrix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/semver"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// stateFile is the state of the last matrix, in the folder of the records.
const stateFile = "matrix.json"

// file is the state of the last matrix in dir, with its lock.
func file(dir string) series.File { return series.File(filepath.Join(dir, stateFile)) }

// ErrRunning is returned when another matrix holds the folder.
var ErrRunning = errors.New("another matrix is running")

// State is how far a matrix has come. Its JSON form is out/matrix.json, written at every change.
type State struct {
	Began    time.Time `json:"began"`
	Finished time.Time `json:"finished,omitzero"` // zero while a version is left to be run
	Claims   string    `json:"claims,omitempty"`  // the regular expression of the claims to run; empty means all
	Versions []*Row    `json:"versions"`
}

// Row is one version of a matrix.
type Row struct {
	Version string `json:"version"` // exact, "v1.37.2"
	series.Row
}

// Matrix is what is to be run.
type Matrix struct {
	Dir      string   // where records and the state go, as out
	Versions []string // exact, in the order in which they are run; none means those of the matrix that was interrupted
	Claims   string   // as in State; Run sets it. A matrix of other claims is not resumed
	Fresh    bool     // forget the matrix that was interrupted
	// Run runs the suite on one version, which writes its record below Dir. Its error is why a record may be missing.
	Run func(ctx context.Context, version string) error
	// Each is called after each version; nil does nothing.
	Each func(ctx context.Context, s *State) error
	Log  *progress.Log // nil reports nothing
}

// Busy says whether a matrix is running in dir.
func Busy(dir string) bool { return file(dir).Locked() }

// Interrupted is the matrix in dir that has versions left to run; nil when there is none.
func Interrupted(dir string) (*State, error) {
	s, err := Load(dir)
	if err != nil || s == nil || !s.Finished.IsZero() {
		return nil, err
	}
	return s, nil
}

// Load reads the state of the last matrix in dir; nil when there was none.
func Load(dir string) (*State, error) {
	s := &State{}
	found, err := file(dir).Load(s)
	if err != nil {
		return nil, fmt.Errorf("read the state of the last matrix: %w; begin a new one by FRESH=1", err)
	}
	if !found {
		return nil, nil
	}
	return s, nil
}

// Kept is the matrix whose records were kept in dir without its state, each in a folder of its version, as a repository
// commits them; nil when there is none. It began with the earliest of them.
func Kept(dir string) (*State, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", evidence.RecordFile))
	if err != nil || len(paths) == 0 {
		return nil, err
	}
	s := &State{}
	for _, path := range paths {
		record, err := evidence.Load(path)
		if err != nil {
			return nil, err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return nil, err
		}
		s.Versions = append(s.Versions, &Row{
			Version: record.Kubernetes(), Row: series.Row{Began: record.Started, Finished: record.Finished, Record: below},
		})
		if s.Began.IsZero() || record.Started.Before(s.Began) {
			s.Began = record.Started
		}
		if record.Finished.After(s.Finished) {
			s.Finished = record.Finished
		}
	}
	return s, nil
}

// Go runs what is left to run. It returns the state also with an error: ctx's when it was interrupted, Each's, or one of
// writing the state. How the versions came out stands in their records.
func (m Matrix) Go(ctx context.Context) (*State, error) {
	release, free, err := file(m.Dir).Lock()
	if err != nil {
		return nil, err
	}
	if !free {
		return nil, fmt.Errorf("%w in %s: wait for it, or name another folder by NOTEPROOF_OUT", ErrRunning, m.Dir)
	}
	defer release()
	s, err := m.begin()
	if err != nil {
		return nil, err
	}
	for i, row := range s.Versions {
		if row.Done() {
			continue
		}
		m.Log.Say("══ Kubernetes %s (%d of %d)", row.Version, i+1, len(s.Versions))
		if err := m.one(ctx, s, row); err != nil {
			return s, err
		}
		if m.Each != nil {
			if err := m.Each(ctx, s); err != nil {
				return s, err
			}
		}
	}
	s.Finished = time.Now().UTC()
	return s, m.write(s)
}

// begin takes over what an interrupted matrix has done of the versions that are wanted now.
func (m Matrix) begin() (*State, error) {
	before, err := Interrupted(m.Dir)
	if m.Fresh {
		before, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if before != nil && before.Claims != m.Claims {
		m.Log.Say("   the matrix of %s was interrupted, and ran other claims (CLAIMS=%s): a new one begins", before.Began.Format(time.DateTime), before.Claims)
		before = nil
	}
	s := &State{Began: time.Now().UTC(), Claims: m.Claims}
	wanted := m.Versions
	if before != nil {
		s.Began = before.Began
		if len(wanted) == 0 {
			for _, row := range before.Versions {
				wanted = append(wanted, row.Version)
			}
		}
	}
	if len(wanted) == 0 {
		return nil, errors.New("a matrix needs versions: name them by K8S=\"v1.36.4 v1.37.2\"")
	}
	done := 0
	for _, version := range wanted {
		if slices.ContainsFunc(s.Versions, func(r *Row) bool { return r.Version == version }) {
			continue
		}
		row := &Row{Version: version}
		if before != nil {
			for _, old := range before.Versions {
				if old.Version == version && old.Recorded(m.Dir) {
					row, done = old, done+1
				}
			}
		}
		s.Versions = append(s.Versions, row)
	}
	if before != nil {
		m.Log.Say("   going on with the matrix of %s, which was interrupted: %d of %d versions are done (FRESH=1 begins a new one)",
			before.Began.Format(time.DateTime), done, len(s.Versions))
	}
	return s, m.write(s)
}

// one runs one version. A run that was cut off is not done; one that left no record gets one that says why.
func (m Matrix) one(ctx context.Context, s *State, row *Row) error {
	job := series.Job{
		Row: &row.Row, Dir: m.Dir, Record: filepath.Join(evidence.Folder(row.Version, ""), evidence.RecordFile), Version: row.Version,
		Save: func() error { return m.write(s) }, Log: m.Log,
		Run: func(ctx context.Context) (suite, err error) { return m.Run(ctx, row.Version), nil },
	}
	err := job.Do(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("the matrix was interrupted at %s; make matrix goes on there: %w", row.Version, err)
	}
	return err
}

func (m Matrix) write(s *State) error {
	if err := file(m.Dir).Save(s); err != nil {
		return fmt.Errorf("write the state of the matrix: %w", err)
	}
	return nil
}

// Records loads the records of the versions that are done.
func (s *State) Records(dir string) ([]*evidence.Record, error) {
	var records []*evidence.Record
	for _, row := range s.Versions {
		if !row.Done() {
			continue
		}
		record, err := row.Load(dir)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// New says whether a version is newer than what the matrix ran: a later patch of a minor that it ran, or of a minor later
// than all of those. Of an old minor that it left out nothing is new. To no matrix (nil) everything is.
func (s *State) New(version string) bool {
	if s == nil {
		return true
	}
	latest, ofMinor := "", ""
	for _, row := range s.Versions {
		if !row.Done() {
			continue
		}
		latest = newer(latest, row.Version)
		if semver.MajorMinor(row.Version) == semver.MajorMinor(version) {
			ofMinor = newer(ofMinor, row.Version)
		}
	}
	return semver.Compare(version, cmp.Or(ofMinor, latest)) > 0
}

func newer(a, b string) string {
	if semver.Compare(a, b) > 0 {
		return a
	}
	return b
}
