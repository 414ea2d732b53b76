// Package matrix runs a suite on one Kubernetes version after another. It continues an interrupted matrix.
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

// stateFile is the name of the state's file in the folder of the records.
const stateFile = "matrix.json"

// file returns the state's file of the last matrix in dir.
func file(dir string) series.File { return series.File(filepath.Join(dir, stateFile)) }

// ErrRunning is returned while another matrix holds the folder.
var ErrRunning = errors.New("another matrix is running")

// State is the progress of a matrix. Its JSON form is matrix.json in the folder of the records. It is written on every change.
type State struct {
	Began    time.Time `json:"began"`
	Finished time.Time `json:"finished,omitzero"` // zero until every version is done
	Claims   string    `json:"claims,omitempty"`  // the regular expression of the claims to run; empty means all
	Versions []*Row    `json:"versions"`
}

// Row is one version of a matrix.
type Row struct {
	Version string `json:"version"` // exact, "v1.37.2", or of a variant "v1.37.2+nftables"
	series.Row
}

// Matrix is a matrix to run.
type Matrix struct {
	Dir      string   // the folder of the records and the state, such as out
	Versions []string // exact, in the order in which they are run; none means those of the interrupted matrix
	Claims   string   // as in State; Run passes it on. An interrupted matrix of other claims is not continued
	Fresh    bool     // begin a new matrix instead of continuing an interrupted one
	// Run runs the suite on one version, which writes its record below Dir. It returns the error of go test.
	Run func(ctx context.Context, version string) error
	// Each is called after each version. It may be nil.
	Each func(ctx context.Context, s *State) error
	Log  *progress.Log // nil logs nothing
}

// Busy reports whether a matrix is running in dir.
func Busy(dir string) bool { return file(dir).Locked() }

// Interrupted returns the state of the unfinished matrix in dir, or nil if there is none.
func Interrupted(dir string) (*State, error) {
	s, err := Load(dir)
	if err != nil || s == nil || !s.Finished.IsZero() {
		return nil, err
	}
	return s, nil
}

// Load reads the state of the last matrix in dir. It returns nil if there was none.
func Load(dir string) (*State, error) {
	s := &State{}
	found, err := file(dir).Load(s)
	if err != nil {
		return nil, fmt.Errorf("read the state of the last matrix: %w; begin a new one with FRESH=1", err)
	}
	if !found {
		return nil, nil
	}
	return s, nil
}

// Kept reconstructs a matrix from committed records, which dir contains without the state, each in a folder of its version. It
// returns nil if there are none. The matrix began with the earliest record and finished with the latest.
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
			Version: record.Target(), Row: series.Row{Began: record.Started, Finished: record.Finished, Record: below},
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

// Go runs the remaining versions. It returns an error if it is interrupted, if Each fails or if the state cannot be written, and
// then returns the state as well, if it has begun. The outcome of the versions is in their records.
func (m Matrix) Go(ctx context.Context) (*State, error) {
	release, free, err := file(m.Dir).Lock()
	if err != nil {
		return nil, err
	}
	if !free {
		return nil, fmt.Errorf("%w in %s: wait until it ends, or set NOTEPROOF_OUT to another folder", ErrRunning, m.Dir)
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

// begin continues an interrupted matrix of the same claims, of which it keeps the finished versions that are wanted, or begins
// a new matrix.
func (m Matrix) begin() (*State, error) {
	before, err := Interrupted(m.Dir)
	if m.Fresh {
		before, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if before != nil && before.Claims != m.Claims {
		m.Log.Say("   beginning a new matrix: the interrupted one of %s has other claims (CLAIMS=%s)", before.Began.Format(time.DateTime), before.Claims)
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
		return nil, errors.New("a matrix needs versions, such as K8S=\"v1.36.4 v1.37.2\"")
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
		m.Log.Say("   continuing the matrix of %s, which was interrupted: %d of %d versions are done (FRESH=1 begins a new one)",
			before.Began.Format(time.DateTime), done, len(s.Versions))
	}
	return s, m.write(s)
}

// one runs one version. An interrupted run is not done. If a run leaves no record, one is written that says why.
func (m Matrix) one(ctx context.Context, s *State, row *Row) error {
	job := series.Job{
		Row: &row.Row, Dir: m.Dir, Record: filepath.Join(evidence.Folder(row.Version, ""), evidence.RecordFile), Version: row.Version,
		Save: func() error { return m.write(s) }, Log: m.Log,
		Run: func(ctx context.Context) (suite, err error) { return m.Run(ctx, row.Version), nil },
	}
	err := job.Do(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("the matrix was interrupted at %s; noteproof matrix continues there: %w", row.Version, err)
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

// New reports whether a version is newer than those that the matrix ran: a later patch of a minor that it ran, or of a minor
// later than all of them. No patch of an old minor that it did not run is new. For a nil State every version is new.
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
