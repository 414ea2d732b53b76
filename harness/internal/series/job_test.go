package series_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
)

func TestDo(t *testing.T) {
	noLoad := errors.New("no load")
	for name, test := range map[string]struct {
		interrupted bool
		suite, err  error
		want        error
		failure     string
	}{
		"it succeeded":       {false, nil, nil, nil, ""},
		"it failed":          {false, errors.New("signal: killed"), nil, nil, "signal: killed"},
		"it was interrupted": {true, errors.New("signal: interrupt"), nil, context.Canceled, ""},
		"it does not count":  {false, nil, noLoad, noLoad, ""},
		"both at once":       {true, nil, noLoad, context.Canceled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			dir, row, saved := t.TempDir(), &series.Row{Record: "of an earlier run"}, 0
			path := filepath.Join("v1.37.2", evidence.RecordFile)
			job := series.Job{Row: row, Dir: dir, Record: path, Version: "v1.37.2"}
			job.Save = func() error { saved++; return nil }
			job.Run = func(context.Context) (error, error) {
				g.Expect(row.Record).To(BeEmpty())
				g.Expect(saved).To(Equal(1), "the beginning is saved")
				record := &evidence.Record{Version: "v1.37.2", Started: time.Now().UTC()}
				_, err := evidence.NewRecorder(filepath.Join(dir, path), record)
				g.Expect(err).NotTo(HaveOccurred())
				if test.interrupted {
					cancel()
				}
				return test.suite, test.err
			}
			err := job.Do(ctx)
			g.Expect(row.Recorded(dir)).To(Equal(test.want == nil))
			if test.want != nil {
				g.Expect(err).To(MatchError(test.want))
				g.Expect(row.Done()).To(BeFalse())
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(saved).To(Equal(2))
			record, err := row.Load(dir)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(record.Failure).To(ContainSubstring(test.failure))
		})
	}
}

func TestFailure(t *testing.T) {
	g := NewWithT(t)
	g.Expect(series.Failure(&evidence.Record{Finished: time.Now()})).To(BeEmpty())
	g.Expect(series.Failure(&evidence.Record{})).To(ContainSubstring("cut off"))
	g.Expect(series.Failure(&evidence.Record{Failure: "no cluster"})).To(Equal("no cluster"))
}
