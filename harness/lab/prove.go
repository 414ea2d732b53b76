package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sigs.k8s.io/e2e-framework/pkg/envconf"
	"sigs.k8s.io/e2e-framework/pkg/features"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/secret"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

// addFeature runs a scenario as a feature of e2e-framework, whose flags may exclude it. It calls judged when the verdict is known.
func (l *Lab) addFeature(t *testing.T, s suite.Scenario, judged func()) {
	feature := features.New(s.ID).WithLabel("topic", s.Claim().Topic()).WithLabel("claim", s.ID).
		Assess("is proven on the cluster", func(ctx context.Context, t *testing.T, _ *envconf.Config) context.Context {
			l.runScenario(ctx, t, s, judged)
			return ctx
		}).Feature()
	l.env.Test(t, feature)
}

// runScenario runs a scenario on the cluster, unless there is none or it does not meet the scenario's needs.
func (l *Lab) runScenario(ctx context.Context, t *testing.T, s suite.Scenario, judged func()) {
	if l.setUp() != nil { // Run reports the error
		t.Skip("not run: there is no cluster")
	}
	ctx, cancel := l.withTestLimit(ctx)
	t.Cleanup(cancel)
	entry := l.entries[s.ID]
	why := l.missing(s)
	switch {
	case l.monitor.alive.Err() != nil:
		why = context.Cause(l.monitor.alive).Error()
	case errors.Is(context.Cause(ctx), errTestLimit):
		why = errTestLimit.Error()
		l.failRun(errTestLimit)
	case ctx.Err() != nil:
		why = evidence.NotBegun
	case why == "" && s.Claim().Unknown(l.setting) != "":
		why = fmt.Sprintf("what is expected depends on the %s, which this cluster does not tell", s.Claim().Unknown(l.setting))
	case why == "" && skew(s.Claim(), l.setting, l.kubelets) != "":
		why = skew(s.Claim(), l.setting, l.kubelets)
	case why == "" && s.Namespace != "":
		why = l.namespaceTaken(ctx, s.Namespace)
	}
	if why != "" {
		l.change(t, func() { entry.Reason = why })
		l.log.Say("-  %s not run: %s", s.ID, why)
		t.Skip("not run: " + secret.Mask(why))
	}
	manifests := l.suite.Manifests
	if l.settings.sabotage {
		var err error
		if manifests, err = s.Sabotaged(manifests); err != nil {
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
	props := l.props
	if !s.Asks(claim.BreakNodes) {
		props.Spare = l.spare
	}
	start := l.claimStarted(t, s, entry)
	scenario.Prove(ctx, t, scenario.Run{
		ID: l.id, Cleaning: l.cleaning, Config: l.rest, Cluster: l.cluster.Cluster, Outside: l.cluster.outside, Adopted: l.adoptedName() != "",
		Allowed: l.settings.allowed.Allow, Hanging: l.hanging != "", Props: props, Notes: l.suite.Notes,
		Spare: l.spare, Timeouts: l.settings.timeouts, Recorder: l.recorder, Health: l.healthOf(s), Crowd: l.monitor.threadsPerCPU,
		BeforeChange: beforeChange, InstallLoadBalancer: l.installBalancer, AllowLoadBalancer: l.balancer.allow,
		Sabotaged: l.settings.sabotage, Floor: l.settings.floor,
	}, scenario.Job{
		Claim: s.Claim(), Namespace: s.Namespace, Manifests: manifests, Body: s.Body, Entry: entry,
		Settled: func(entry *evidence.Claim) {
			entry.Flip = l.previous.Flip(entry)
			entry.Seconds = time.Since(start).Seconds()
		},
		Judged: func() {
			l.claimJudged(t, s, entry)
			judged()
		},
		Cleaned: l.claimCleaned,
	})
}

// skew returns why a claim cannot be judged where kubelets are older than the API server, as while a cluster is upgraded: what is expected of
// it turned in between. It is empty if that did not.
func skew(c claim.Claim, server claim.Setting, kubelets []claim.Version) string {
	for _, kubelet := range kubelets {
		at := server
		at.Version = kubelet
		for _, p := range c.Points {
			if p.Expect.At(at) != p.Expect.At(server) {
				return fmt.Sprintf("the API server is of %s and a kubelet of %s, and what is expected of %q turned in between", server.Version, kubelet, p.Says)
			}
		}
	}
	return ""
}

// failRun makes the run fail with this error, besides others.
func (l *Lab) failRun(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.ContainsFunc(l.failures, func(known error) bool { return errors.Is(known, err) }) {
		l.failures = append(l.failures, err)
	}
}

// disturbWithin applies the disturbance, once a scenario's objects exist, and undoes it when the scenario ends.
func (l *Lab) disturbWithin(ctx context.Context, t scenario.T) error {
	t.Cleanup(func() {
		if err := l.restore(); err != nil {
			t.Errorf("%s", secret.Mask(err.Error()))
		}
	})
	return l.disturb(ctx)
}

// change calls a function that changes the record, and writes the record.
func (l *Lab) change(t *testing.T, do func()) {
	if err := l.recorder.Change(func(*evidence.Record) { do() }); err != nil {
		t.Error(err)
	}
}

func (l *Lab) claimStarted(t *testing.T, s suite.Scenario, entry *evidence.Claim) time.Time {
	start := time.Now()
	l.mu.Lock()
	l.running[s.ID] = start
	l.mu.Unlock()
	l.change(t, func() {
		entry.Started, entry.Verdict, entry.Reason = start.UTC(), claim.Inconclusive, "it was not finished"
	})
	return start
}

// claimJudged logs the result of a claim, and fails the test if the claim fails the run.
func (l *Lab) claimJudged(t *testing.T, s suite.Scenario, entry *evidence.Claim) {
	mark, result, failure, detail, took := "✓ ", "", "", "", 0.0
	l.recorder.Read(func(*evidence.Record) {
		result, failure = l.outcome(s, entry)
		detail, took = failureMessage(entry), entry.Seconds
	})
	l.mu.Lock()
	delete(l.running, s.ID)
	l.done++
	done := l.done
	l.mu.Unlock()
	if failure != "" {
		mark, result = "✗ ", string(entry.Verdict)
		t.Errorf("%s\n%s", failure, detail)
	}
	l.log.Say("%s %s %s (%d done, %.1fs)", mark, s.ID, result, done, took)
}

// claimCleaned makes the run fail if what a claim created could not be removed.
func (l *Lab) claimCleaned(err error) {
	if err != nil {
		l.failRun(err)
	}
}

// outcome returns the result of a claim, and why it fails the test; empty if it does not.
func (l *Lab) outcome(s suite.Scenario, entry *evidence.Claim) (result, failure string) {
	switch {
	case l.settings.sabotage:
		if failure = s.Unnoticed(entry); failure == "" {
			result = "noticed the sabotage: " + s.Sabotage.Point.Says
		}
	case l.settings.disturbed != "": // the command that runs all disturbances judges the claims
		result = fmt.Sprintf("%s %s", entry.Verdict, entry.Reason)
	case entry.Failed():
		failure = failureReason(entry)
	default:
		result = string(entry.Verdict)
		if entry.Flip != nil {
			result += "; it was " + entry.Flip.Tell(entry.Verdict)
		}
	}
	return result, failure
}
