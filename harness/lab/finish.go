package lab

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"al.essio.dev/pkg/shellescape"
	"sigs.k8s.io/e2e-framework/pkg/envconf"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/internal/stage"
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
		errs = append(errs, context.Cause(ctx))
	}
	if l.monitor != nil {
		errs = append(errs, context.Cause(l.monitor.alive))
	}
	l.monitor.Stop()
	if l.cluster != nil {
		errs = append(errs, l.leave())
		releasing, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
		defer cancel()
		errs = append(errs, l.cluster.release(releasing, errors.Join(errs...) != nil))
	}
	if l.recorder != nil {
		l.unkept = l.closeRecord(errors.Join(errs...))
		errs = append(errs, l.unkept)
	}
	err := errors.Join(errs...)
	if err != nil {
		l.log.Say("✗  %v", err)
	}
	if l.run != nil {
		err = errors.Join(err, l.log.Unkeep(), l.run.Close())
	}
	return ctx, err
}

// leave makes the cluster as it was before the run, and collects the nodes' logs if the run failed. An interrupted run only does that to
// an existing cluster: its own is removed as a whole.
func (l *Lab) leave() error {
	if l.interrupted() {
		if l.cluster.own {
			return nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(l.cleaning), lookedWithin)
		defer cancel()
		if left := l.residue(ctx); left != nil {
			return fmt.Errorf("%w; remove it with: %s", left, l.cleanCommand())
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(l.cleaning, finishWithin)
	defer cancel()
	l.collectLogs(ctx)
	return errors.Join(l.restore(), l.uninstallBalancer(), l.residue(ctx))
}

// interrupted reports whether the run was interrupted.
func (l *Lab) interrupted() bool { return errors.Is(context.Cause(l.ctx), stage.ErrInterrupted) }

// failed reports whether a claim fails the run, in a run that was not broken on purpose.
func (l *Lab) failed() (failed bool) {
	if l.recorder == nil || l.settings.sabotage || l.settings.disturbed != "" {
		return false
	}
	l.recorder.Read(func(r *evidence.Record) { failed = r.Failed() })
	return failed
}

// collectLogs writes the logs of the nodes of a cluster that the run created next to the record, if a claim failed.
func (l *Lab) collectLogs(ctx context.Context) {
	if !l.cluster.own || !l.failed() {
		return
	}
	dir := filepath.Join(l.run.Path, "logs")
	step := l.log.Step("collect the logs of the nodes in %s", dir)
	_ = step.End(l.cluster.CollectLogs(ctx, dir)) // without them the run is as it was
}

// cleanCommand returns the command that removes what dead runs left on the existing cluster.
func (l *Lab) cleanCommand() string {
	command := "noteproof clean --kubeconfig " + shellescape.Quote(l.settings.kubeconfig)
	if name := l.config.KubeContext(); name != "" {
		command += " --context " + shellescape.Quote(name)
	}
	return command
}

// closeRecord completes the record, with the failure if there is one, prints the table and writes the reports. What cannot be written
// keeps nothing else from being told.
func (l *Lab) closeRecord(failure error) error {
	err := l.recorder.Change(func(r *evidence.Record) {
		if failure != nil && r.Failure == "" {
			r.Failure = failure.Error()
		}
		r.Finished = time.Now().UTC()
		for _, step := range l.log.Ended() {
			r.Steps = append(r.Steps, evidence.Step{What: step.What, At: step.At.UTC(), Seconds: step.Took.Seconds(), Failed: step.Failed})
		}
		r.Partial = r.Failure != ""
		for _, c := range r.Claims {
			if c.Reason == evidence.NotBegun && r.Failure == "" { // a flag of go test excluded it
				c.Reason = evidence.NotChosen
			}
			r.Partial = r.Partial || c.Reason == evidence.NotChosen
		}
	})
	var paths []string
	l.recorder.Read(func(r *evidence.Record) {
		if l.settings.recordTo == "" || err != nil { // otherwise the command noteproof prints it
			l.log.Print("\n" + report.Table(r, l.log.Colours()) + "\n")
		}
		written, reportErr := report.Write(filepath.Dir(l.recorder.Path()), r, notes.Parse(l.suite.Notes))
		if reportErr != nil {
			err = errors.Join(err, fmt.Errorf("write the reports: %w", reportErr))
		}
		paths = append(paths, written...)
	})
	for _, path := range append([]string{l.recorder.Path()}, paths...) {
		l.log.Print("  " + path + "\n")
	}
	return errors.Join(err, l.checkSecrets())
}
