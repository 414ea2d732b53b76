package disturbed

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// ErrRunning is returned while another series of the same kind holds the folder.
var ErrRunning = errors.New("another series is running")

// State is the progress of a series. Its JSON form is breaks.json or faults.json in the folder of the records. It is written on
// every change.
type State struct {
	Kind     string    `json:"kind"` // evidence.Break or evidence.Fault
	Began    time.Time `json:"began"`
	Finished time.Time `json:"finished,omitzero"` // zero until every disturbance was tried
	Version  string    `json:"version"`           // exact, "v1.37.2"
	Claims   string    `json:"claims,omitempty"`  // the regular expression of the claims to run; empty means those that each disturbance names
	Only     string    `json:"only,omitempty"`    // the regular expression of the disturbances to try; empty means all
	Rows     []*Row    `json:"disturbances"`
	// Unturned are the points that no break turns, with the suite's reasons.
	Unturned []evidence.PointRef `json:"unturned,omitempty"`
}

// Row is one disturbance.
type Row struct {
	Name string `json:"name"`
	Does string `json:"does"`
	series.Row
}

// Series is a series to run.
type Series struct {
	Dir     string // the folder of the records and the state, such as out
	Kind    string
	Version string // exact
	Claims  string // as in State; Run passes it on
	Only    string // as in State
	Listing Listing
	Trials  []Named // in the order in which they are tried
	Fresh   bool    // begin a new series instead of continuing an interrupted one
	// Run runs the suite under a disturbance. last is true for the last run of the series. It returns the error of go test.
	Run func(ctx context.Context, name string, last bool) error
	// Each is called after each disturbance. It may be nil.
	Each func(s *State) error
	Log  *progress.Log // nil logs nothing
}

// file returns the file of the last series of a kind in dir: breaks.json or faults.json.
func file(dir, kind string) series.File { return series.File(filepath.Join(dir, kind+"s.json")) }

// Busy reports whether a series of this kind is running in dir.
func Busy(dir, kind string) bool { return file(dir, kind).Locked() }

// Interrupted returns the state of the unfinished series of this kind in dir, or nil if there is none.
func Interrupted(dir, kind string) (*State, error) {
	s := &State{}
	found, err := file(dir, kind).Load(s)
	if err != nil {
		return nil, fmt.Errorf("read the state of the last series: %w; begin a new one with FRESH=1", err)
	}
	if !found || !s.Finished.IsZero() {
		return nil, nil
	}
	return s, nil
}

// Go tries the remaining disturbances. It returns an error if it is interrupted, if Each fails or if the state cannot be
// written, and then returns the state as well, if it has begun. The outcome of the disturbances is in their records.
func (d Series) Go(ctx context.Context) (*State, error) {
	release, free, err := file(d.Dir, d.Kind).Lock()
	if err != nil {
		return nil, err
	}
	if !free {
		return nil, fmt.Errorf("%w in %s: wait until it ends, or set NOTEPROOF_OUT to another folder", ErrRunning, d.Dir)
	}
	defer release()
	s, err := d.begin()
	if err != nil {
		return nil, err
	}
	left := len(s.Rows) - len(s.Done())
	for i, row := range s.Rows {
		if row.Done() {
			continue
		}
		left--
		d.Log.Say("══ %s %s (%d of %d): it %s", d.Kind, row.Name, i+1, len(s.Rows), row.Does)
		if err := d.one(ctx, s, row, left == 0); err != nil {
			return s, err
		}
		if d.Each != nil {
			if err := d.Each(s); err != nil {
				return s, err
			}
		}
	}
	s.Finished = time.Now().UTC()
	return s, d.write(s)
}

// begin continues an interrupted series, of which it keeps the finished disturbances among d.Trials, or begins a new series.
func (d Series) begin() (*State, error) {
	before, err := d.continued()
	if err != nil {
		return nil, err
	}
	s := &State{
		Kind: d.Kind, Began: time.Now().UTC(), Version: d.Version, Claims: d.Claims, Only: d.Only, Unturned: d.Listing.Unturned,
	}
	for _, trial := range d.Trials {
		s.Rows = append(s.Rows, &Row{Name: trial.Name, Does: trial.Does})
	}
	if before == nil {
		return s, d.write(s)
	}
	s.Began = before.Began
	for _, row := range s.Rows {
		for _, old := range before.Rows {
			if old.Name == row.Name && old.Recorded(d.Dir) {
				row.Row = old.Row
			}
		}
	}
	d.Log.Say("   continuing the series of %s, which was interrupted: %d of %d %ss are done (FRESH=1 begins a new one)",
		before.Began.Format(time.DateTime), len(s.Done()), len(s.Rows), d.Kind)
	if len(s.Done()) == len(s.Rows) {
		d.Log.Say("!  nothing is left to run, so the cluster of the interrupted series is not removed; noteproof clean removes it")
	}
	return s, d.write(s)
}

// continued returns the interrupted series to continue, or nil to begin a new one.
func (d Series) continued() (*State, error) {
	if d.Fresh {
		return nil, nil
	}
	before, err := Interrupted(d.Dir, d.Kind)
	if before == nil || err != nil {
		return nil, err
	}
	if before.Version != d.Version || before.Claims != d.Claims {
		d.Log.Say("   beginning a new series: the interrupted one of %s has other claims or another version (K8S=%s CLAIMS=%s)",
			before.Began.Format(time.DateTime), before.Version, before.Claims)
		return nil, nil
	}
	return before, nil
}

func (d Series) one(ctx context.Context, s *State, row *Row, last bool) error {
	job := series.Job{
		Row: &row.Row, Dir: d.Dir, Version: s.Version, Save: func() error { return d.write(s) }, Log: d.Log,
		Record: filepath.Join(evidence.DisturbedDir, row.Name, evidence.Folder(s.Version, ""), evidence.RecordFile),
		Run:    func(ctx context.Context) (suite, err error) { return d.Run(ctx, row.Name, last), nil },
	}
	err := job.Do(ctx)
	if ctx.Err() != nil {
		return fmt.Errorf("the series was interrupted at the %s %s; the same command continues there, and noteproof clean removes the cluster: %w",
			d.Kind, row.Name, err)
	}
	return err
}

func (d Series) write(s *State) error {
	if err := file(d.Dir, d.Kind).Save(s); err != nil {
		return fmt.Errorf("write the state of the series: %w", err)
	}
	return nil
}

// Done returns the disturbances that were tried.
func (s *State) Done() []*Row {
	var done []*Row
	for _, row := range s.Rows {
		if row.Done() {
			done = append(done, row)
		}
	}
	return done
}

// Records loads the records of the disturbances that were tried, in the order of Done.
func (s *State) Records(dir string) ([]*evidence.Record, error) {
	var records []*evidence.Record
	for _, row := range s.Done() {
		record, err := row.Load(dir)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}
