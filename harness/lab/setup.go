package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/version"
	"github.com/noteproof/noteproof/harness/suite"
)

// setup acquires the cluster. If that fails, the record contains the error as the reason why nothing was run.
func (l *Lab) setup(ctx context.Context) error {
	bounded, cancel := l.withTestLimit(ctx)
	defer cancel()
	var environment evidence.Environment
	var version string
	acquired, err := l.acquire(bounded)
	if err == nil {
		l.cluster = acquired
		environment, version, err = l.examine(bounded)
	}
	if err == nil {
		l.sweepAbandoned(bounded)
		err = l.takeInventory(bounded)
	}
	if err == nil {
		l.monitor, err = l.startMonitor(ctx)
	}
	if err != nil && errors.Is(context.Cause(bounded), errTestLimit) {
		err = fmt.Errorf("%w\n%w. What was built so far is kept: run the same command again, or give it more time with "+
			"-timeout 90m, or use noteproof verify", err, errTestLimit)
	}
	if err != nil && l.interrupted() && !errors.Is(err, stage.ErrInterrupted) {
		err = fmt.Errorf("%w: %w", context.Cause(l.ctx), err)
	}
	if recordErr := l.begin(environment, version, err); recordErr != nil {
		return recordErr
	}
	if err != nil {
		l.log.Say("✗  no cluster, so no claim was run: %v", err)
		return fmt.Errorf("acquire a cluster: %w", err)
	}
	if !l.disturbance.within {
		if err := l.disturb(ctx); err != nil {
			l.log.Say("✗  %v", err)
			return err
		}
	}
	l.unwatch = l.heartbeat(len(l.chosen()))
	return nil
}

// errTestLimit is why what a test does is cut off.
var errTestLimit = errors.New("the -timeout of go test was about to end this process")

// cleanupReserve is how long before the -timeout of go test everything is cut off, though not before the half of it is over: at the
// timeout the process ends at once, and leaves what is not cleaned up. A namespace may take three minutes to go, and the folders on
// nodes one more.
const cleanupReserve = 4 * time.Minute

// withTestLimit limits ctx to the -timeout of go test, with the cause errTestLimit.
func (l *Lab) withTestLimit(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.testLimit.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, cutOffBefore(time.Now(), l.testLimit), errTestLimit)
}

// cutOffBefore returns when what a test does is cut off, given when it is asked and when the test ends.
func cutOffBefore(now, end time.Time) time.Time {
	return end.Add(-min(cleanupReserve, end.Sub(now)/2))
}

// adoptedName returns the name of an existing cluster in its kubeconfig; empty for a cluster that the run creates.
func (l *Lab) adoptedName() string {
	switch {
	case l.settings.kubeconfig == "":
		return ""
	case l.cluster != nil:
		return l.cluster.Name()
	case l.config.KubeContext() != "":
		return l.config.KubeContext()
	default:
		return filepath.Base(l.settings.kubeconfig)
	}
}

// begin completes the record with what was observed of the cluster, or with why there is none, and starts it if it has not been.
func (l *Lab) begin(environment evidence.Environment, kubernetes string, failure error) error {
	known, err := claim.ParseVersion(cmp.Or(kubernetes, l.wanted))
	if err != nil && failure == nil {
		return fmt.Errorf("determine what to expect of the server: %w", err)
	}
	l.setting = claim.Setting{Version: known, Properties: map[claim.Property]string{
		claim.ProxyMode: environment.KubeProxyMode, claim.CgroupVersion: environment.CgroupVersion,
		claim.IPFamily: environment.IPFamily, claim.Balancer: environment.LoadBalancer,
	}}
	l.kubelets = nil
	for _, node := range environment.Nodes {
		if v, err := claim.ParseVersion(node.Version); err == nil {
			l.kubelets = append(l.kubelets, v)
		}
	}
	if l.recorder == nil {
		if err := l.openRecord(kubernetes); err != nil {
			return err
		}
	}
	l.previous = l.run.Previous.Of(environment)
	environment.Noteproof = version.Of(l.settings.root)
	return l.recorder.Change(func(r *evidence.Record) {
		r.Version, r.Environment = kubernetes, environment
		if failure != nil {
			r.Failure = failure.Error()
		}
		for _, s := range l.suite.Scenarios {
			entry := l.entries[s.ID]
			reason := entry.Reason
			*entry = *newEntry(s.Claim(), l.setting, l.reproduce(s.ID, r.Kubernetes()))
			entry.History = l.run.History[s.ID]
			if entry.Reason = reason; failure != nil && reason == evidence.NotBegun && !l.interrupted() {
				entry.Reason = "there was no cluster to run on"
			}
		}
	})
}

// openRecord starts the record, in which no claim has begun, as soon as it is known what the run is about: a run that ends without a
// word must not leave the record of an earlier one as the newest. Until the cluster is known, kubernetes is empty.
func (l *Lab) openRecord(kubernetes string) error {
	record := &evidence.Record{
		Disturbance: l.disturbance.record, Version: kubernetes, Wanted: l.wanted, Variant: l.settings.variant.Name, Shard: l.settings.shard,
		Partial: true,
		Started: time.Now().UTC(),
	}
	chosen := l.chosen()
	for _, s := range l.suite.Scenarios {
		entry := newEntry(s.Claim(), l.setting, l.reproduce(s.ID, record.Kubernetes()))
		if slices.ContainsFunc(chosen, func(c suite.Scenario) bool { return c.ID == s.ID }) {
			entry.Reason = evidence.NotBegun
		}
		l.entries[s.ID] = entry
		record.Claims = append(record.Claims, entry)
	}
	out := l.settings.out
	switch { // a run that was broken on purpose is compared with no other run
	case l.settings.sabotage:
		out = filepath.Join(out, "sabotage")
	case l.settings.disturbed != "":
		out = filepath.Join(out, evidence.DisturbedDir, l.settings.disturbed)
	}
	var err error
	if l.run, err = evidence.NewRun(filepath.Join(out, evidence.Folder(record.Target(), l.adoptedName())), l.id, record.Started); err != nil {
		return err
	}
	if out != l.settings.out {
		l.run.Previous, l.run.History = nil, nil
	} else if l.run.Unread != nil {
		l.log.Say("!  some answers of earlier runs cannot be read, so they are not compared: %v", l.run.Unread)
	}
	if err := l.log.Keep(filepath.Join(l.run.Path, evidence.LogFile)); err != nil {
		return err
	}
	if l.recorder, err = evidence.NewRecorder(filepath.Join(l.run.Path, evidence.RecordFile), record); err != nil {
		return err
	}
	return l.announce(l.recorder.Path())
}

// announce writes the path of the record to the file that the command noteproof reads.
func (l *Lab) announce(path string) error {
	if l.settings.recordTo == "" {
		return nil
	}
	file, err := os.OpenFile(l.settings.recordTo, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("tell where the record is: %w", err)
	}
	_, err = fmt.Fprintln(file, path)
	return errors.Join(err, file.Close())
}
