package lab

import (
	"context"
	"fmt"
	"testing"
	"time"

	"sigs.k8s.io/e2e-framework/pkg/envconf"
	"sigs.k8s.io/e2e-framework/pkg/features"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

// prove runs one scenario as a feature of the e2e-framework, which chooses by its flags whether it runs.
func (l *Lab) prove(t *testing.T, one suite.Scenario) {
	feature := features.New(one.ID).WithLabel("topic", one.Claim().Topic()).WithLabel("claim", one.ID).
		Assess("is proven on the cluster", func(ctx context.Context, t *testing.T, _ *envconf.Config) context.Context {
			l.run(ctx, t, one)
			return ctx
		}).Feature()
	l.env.Test(t, feature)
}

// run runs one scenario on the cluster, unless that lacks what it needs.
func (l *Lab) run(ctx context.Context, t *testing.T, one suite.Scenario) {
	entry := l.entries[one.ID]
	why := l.missing(one.Needs)
	switch {
	case l.monitor.alive.Err() != nil:
		why = context.Cause(l.monitor.alive).Error()
	case ctx.Err() != nil:
		why = "the run was interrupted before it"
	case why == "" && one.Namespace != "":
		why = l.namespaceTaken(ctx, one.Namespace)
	}
	if why != "" {
		l.change(t, func() { entry.Reason = why })
		l.log.Say("-  %s not run: %s", one.ID, why)
		t.Skip("not run: " + why)
	}
	manifests := l.suite.Manifests
	if l.settings.sabotage {
		var err error
		if manifests, err = one.Sabotaged(manifests); err != nil {
			t.Fatal(err)
		}
	}
	ctx, lost := context.WithCancelCause(ctx)
	unwatch := context.AfterFunc(l.monitor.alive, func() { lost(context.Cause(l.monitor.alive)) })
	t.Cleanup(func() { unwatch() })
	var beforeChange func(context.Context, scenario.T) error
	if l.disturbance.within {
		beforeChange = l.disturbWithin
	}
	start := l.started(t, one, entry)
	scenario.Prove(ctx, t, scenario.Run{
		ID: l.id, Config: l.rest, Cluster: l.cluster.Cluster, Outside: l.cluster.outside, Adopted: l.adoptedName() != "", Props: l.props, Notes: l.suite.Notes,
		Timeouts: l.settings.timeouts, Recorder: l.recorder, Health: l.monitor.Facts, Crowd: l.monitor.crowd,
		BeforeChange: beforeChange, InstallLoadBalancer: l.installBalancer, AllowLoadBalancer: l.balancer.allow, Sabotaged: l.settings.sabotage,
	}, scenario.Job{
		Claim: one.Claim(), Namespace: one.Namespace, Manifests: manifests, Body: one.Body, Entry: entry,
		Settled: func(entry *evidence.Claim) { entry.Flip = l.previous.Flip(entry) },
	}, func(left error) { l.ended(t, one, entry, start, left) })
}

// disturbWithin applies a disturbance that waits until a scenario's objects are up, and undoes it when the scenario ends.
func (l *Lab) disturbWithin(ctx context.Context, t scenario.T) error {
	t.Cleanup(func() {
		if err := l.restore(ctx); err != nil {
			t.Errorf("%v", err)
		}
	})
	return l.disturb(ctx)
}

// change changes the record.
func (l *Lab) change(t *testing.T, do func()) {
	if err := l.recorder.Change(func(*evidence.Record) { do() }); err != nil {
		t.Error(err)
	}
}

func (l *Lab) started(t *testing.T, one suite.Scenario, entry *evidence.Claim) time.Time {
	start := time.Now()
	l.mu.Lock()
	l.running[one.ID] = start
	l.mu.Unlock()
	l.change(t, func() {
		entry.Started, entry.Verdict, entry.Reason = start.UTC(), claim.Inconclusive, "it was not finished"
	})
	return start
}

// ended reports what became of the claim.
func (l *Lab) ended(t *testing.T, one suite.Scenario, entry *evidence.Claim, start time.Time, left error) {
	took := time.Since(start)
	mark, became, fault, detail := "✓ ", "", "", ""
	l.change(t, func() {
		entry.Seconds = took.Seconds()
		became, fault = l.outcome(one, entry)
		detail = sideBySide(entry)
	})
	l.mu.Lock()
	delete(l.running, one.ID)
	l.done++
	done := l.done
	if left != nil {
		l.left = append(l.left, left)
	}
	l.mu.Unlock()
	if fault != "" {
		mark, became = "✗ ", string(entry.Verdict)
		t.Errorf("%s\n%s", fault, detail)
	}
	l.log.Say("%s %s %s (%d done, %s)", mark, one.ID, became, done, took.Round(100*time.Millisecond))
}

// outcome says what became of a claim, and why it fails the test; empty when it does not.
func (l *Lab) outcome(one suite.Scenario, entry *evidence.Claim) (became, fault string) {
	switch {
	case l.settings.sabotage:
		if fault = one.Unnoticed(entry); fault == "" {
			became = "noticed the sabotage: " + one.Sabotage.Point.Says
		}
	case l.settings.disturbed != "": // the table of breaks judges what became of the claims
		became = fmt.Sprintf("%s %s", entry.Verdict, entry.Reason)
	case entry.Failed():
		fault = whatFailed(entry)
	default:
		became = string(entry.Verdict)
		if entry.Flip != nil {
			became += "; it was " + entry.Flip.Tell(entry.Verdict)
		}
	}
	return became, fault
}
