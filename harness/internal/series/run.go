package series

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// Run is a run of the suite that has ended and was not interrupted.
type Run struct {
	Version string    // the exact Kubernetes version that was requested
	Began   time.Time // a record that was started earlier belongs to another run
	Failure error     // the error of GoTest; nil if the run succeeded
}

// Settle ensures that the record at path contains the outcome of the run. If the run wrote no record, it writes one with the
// reason, and keeps the results of earlier runs for comparison. If the run failed and its record does not say so, it adds that.
func (r Run) Settle(path string, log *progress.Log) error {
	record, err := evidence.Load(path)
	switch {
	case err != nil || record.Started.Before(r.Began):
		why := cmp.Or(r.Failure, err, errors.New("go test succeeded"))
		return r.writeRecord(path, why, log)
	case r.Failure != nil && !record.Failed(): // it was killed, or something other than a claim failed
		record.Partial = true
		record.Failure = fmt.Sprintf("the run failed, and its record does not say why; see its output: %v", r.Failure)
		_, err = evidence.NewRecorder(path, record)
		return err
	default:
		return nil
	}
}

// writeRecord writes the record of a run that wrote none.
func (r Run) writeRecord(path string, why error, log *progress.Log) error {
	dir, err := evidence.NewRun(filepath.Dir(path), strconv.FormatInt(time.Now().UnixNano(), 36), time.Now())
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // nobody else uses it
	if dir.Unread != nil {
		log.Say("!  cannot keep all results of earlier runs: %v", dir.Unread)
	}
	_, err = evidence.NewRecorder(filepath.Join(dir.Path, evidence.RecordFile), &evidence.Record{
		Wanted: r.Version, Partial: true, Started: r.Began, Finished: time.Now().UTC(),
		Failure: fmt.Sprintf("the run left no record; see its output: %v", why),
	})
	if err == nil {
		log.Say("✗  %s left no record: %v", r.Version, why)
	}
	return err
}
