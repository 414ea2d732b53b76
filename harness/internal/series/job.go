package series

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// Row is how far one run of a series has come. The rows in the state of a series embed it.
type Row struct {
	Began    time.Time `json:"began,omitzero"`
	Finished time.Time `json:"finished,omitzero"` // zero while it waits, runs, or was interrupted
	// Record is the path of the run's record below the folder of the series; it is set when the run is done, however it
	// ended.
	Record string `json:"record,omitempty"`
}

// Done reports whether the run went to its end.
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

// Job is one run that is to be made.
type Job struct {
	Row     *Row
	Dir     string // the folder of the series
	Record  string // where the run writes its record, below Dir
	Version string // the exact Kubernetes version that is asked for
	Save    func() error
	// Run runs the suite. How that ended is suite; err is why the run does not count at all.
	Run func(ctx context.Context) (suite, err error)
	Log *progress.Log // nil logs nothing
}

// Do makes the run and notes in its row, which it saves, how far it came. A run that was interrupted, or does not count,
// is not done: the error is the cause of ctx's end or the error of Run. How a run ended that is done is in its record.
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
	j.Row.Record, j.Row.Finished = j.Record, finished
	return j.Save()
}

// Failure is why a run failed other than by a claim, such as what it left on the cluster; empty when it did not. A record
// that was never closed is of a run that was cut off.
func Failure(record *evidence.Record) string {
	if record.Failure == "" && record.Finished.IsZero() {
		return "the run was cut off: it did not close its record"
	}
	return record.Failure
}
