package lab

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"sigs.k8s.io/e2e-framework/pkg/envconf"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

const (
	// finishWithin is how long the cluster may take to become as it was before the run.
	finishWithin = 8 * time.Minute
	// releaseWithin is how long the removal of the cluster may take.
	releaseWithin = 3 * time.Minute
)

// finish releases the cluster, closes the record, writes the reports and prints the table.
func (l *Lab) finish(ctx context.Context, _ *envconf.Config) (context.Context, error) {
	errs := slices.Clone(l.failures)
	if ctx.Err() != nil {
		errs = append(errs, errors.New("the run was interrupted"))
	}
	if l.monitor != nil {
		errs = append(errs, context.Cause(l.monitor.alive))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	l.monitor.Stop()
	if l.cluster != nil {
		errs = append(errs, l.restore(ctx), l.uninstallBalancer(), l.residue(ctx))
		releasing, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin) // also when finishWithin is over
		defer cancel()
		errs = append(errs, l.cluster.release(releasing, errors.Join(errs...) != nil))
	}
	if l.recorder != nil {
		errs = append(errs, l.closeRecord(errors.Join(errs...)))
	}
	err := errors.Join(errs...)
	if err != nil {
		l.log.Say("✗  %v", err)
	}
	return ctx, err
}

// closeRecord completes the record, with the failure if there is one, and writes the reports.
func (l *Lab) closeRecord(failure error) error {
	err := l.recorder.Change(func(r *evidence.Record) {
		if failure != nil && r.Failure == "" {
			r.Failure = failure.Error()
		}
		r.Finished = time.Now().UTC()
		r.Partial = r.Failure != "" || slices.ContainsFunc(r.Claims, func(c *evidence.Claim) bool { return c.Reason == evidence.NotChosen })
	})
	if err != nil {
		return err
	}
	var paths []string
	l.recorder.Read(func(r *evidence.Record) {
		if l.settings.recordTo == "" {
			l.log.Print("\n" + report.Table(r, l.log.Colours()) + "\n")
		}
		lecture := notes.Parse(l.suite.Notes)
		paths, err = report.Write(filepath.Dir(l.recorder.Path()), r, lecture)
	})
	if err != nil {
		return fmt.Errorf("write the reports: %w", err)
	}
	for _, path := range append([]string{l.recorder.Path()}, paths...) {
		l.log.Print("  " + path + "\n")
	}
	return nil
}
