package series

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// Row is the progress of one run of a series. The rows in the state of a series embed it.
type Row struct {
	Began    time.Time `json:"began,omitzero"`
	Finished time.Time `json:"finished,omitzero"` // zero if the run is pending, running or interrupted
	// Record is the path of the run's record in the run's own folder, relative to the folder of the series. It is set once the run is
	// done, whether it succeeded or failed.
	Record string `json:"record,omitempty"`
}

// Done reports whether the run is done, that is, neither pending nor running nor interrupted.
func (r *Row) Done() bool { return !r.Finished.IsZero() }

// Recorded reports whether the run is done and its record is still in dir, the folder of the series.
func (r *Row) Recorded(dir string) bool {
	if !r.Done() {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, r.Record))
	return err == nil
}

// Load reads the run's record from dir, the folder of the series.
func (r *Row) Load(dir string) (*evidence.Record, error) {
	return evidence.Load(filepath.Join(dir, r.Record))
}

// Job is one run to make.
type Job struct {
	Row     *Row
	Dir     string // the folder of the series
	Record  string // the path of the run's record, relative to Dir, by way of the link to the newest run
	Version string // the exact Kubernetes version that is requested
	Save    func() error
	// Run runs the suite. suite is the error of the suite; err is set if the run does not count at all.
	Run func(ctx context.Context) (suite, err error)
	Log *progress.Log // nil logs nothing
}

// Do makes the run, updates its Row and saves it. If the run is interrupted or does not count, its Row is not done, and Do
// returns the cause of ctx's end or the error of Run. A failure of the suite is not an error of Do; it is in the run's record.
func (j Job) Do(ctx context.Context) error {
	*j.Row = Row{Began: time.Now().UTC()}
	if err := j.Save(); err != nil {
		return err
	}
	suite, err := j.Run(ctx)
	finished := time.Now().UTC()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	ended := Run{Version: j.Version, Began: j.Row.Began, Failure: suite}
	if err := ended.Settle(filepath.Join(j.Dir, j.Record), j.Log); err != nil {
		return err
	}
	if j.Row.Record, err = ownRecord(j.Dir, j.Record); err != nil {
		return fmt.Errorf("find the record of %s: %w", j.Version, err)
	}
	j.Row.Finished = finished
	return j.Save()
}

// ownRecord returns the path of a record without the link to the newest run, which will be another one.
func ownRecord(dir, record string) (string, error) {
	own, err := filepath.EvalSymlinks(filepath.Join(dir, record))
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", err
	}
	return filepath.Rel(dir, own)
}

// Failure returns why a run failed other than by a claim, such as by objects that it left on the cluster; "" if it did not. A
// run whose record was not closed was cut off.
func Failure(record *evidence.Record) string {
	if record.Failure == "" && record.Finished.IsZero() {
		return "the run was cut off: it did not close its record"
	}
	return record.Failure
}
