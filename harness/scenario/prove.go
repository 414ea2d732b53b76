package scenario

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/e2e-framework/pkg/envconf"
	"sigs.k8s.io/e2e-framework/pkg/features"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/stage"
)

// prove runs one scenario as a feature of the e2e-framework, which chooses by its flags whether it runs.
func (l *Lab) prove(t *testing.T, one Scenario) {
	feature := features.New(one.ID).WithLabel("topic", one.Topic()).WithLabel("claim", one.ID).
		Assess("is proven on the cluster", func(ctx context.Context, t *testing.T, _ *envconf.Config) context.Context {
			l.onStage(ctx, t, one)
			return ctx
		}).Feature()
	l.env.Test(t, feature)
}

// onStage gives the scenario its namespace, runs its body, judges what was observed, and clears the stage.
func (l *Lab) onStage(ctx context.Context, t *testing.T, one Scenario) {
	s := &S{t: t, lab: l, scenario: one, entry: l.entries[one.ID]}
	if missing := l.missing(one.Needs); missing != "" {
		s.change(func(entry *evidence.Claim) { entry.Reason = missing })
		l.log.Say("-  %s not run: %s", one.ID, missing)
		t.Skip("not run: " + missing)
	}
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithTimeout(ctx, l.settings.patience.scenario)
	start := l.started(s)
	// Registered first, this runs last: the verdict is told when the stage is clear.
	t.Cleanup(func() { l.ended(s, start) })
	t.Cleanup(cancel)
	if err := s.open(); err != nil {
		s.abort("the stage could not be set: %v", err)
	}
	one.Body(s)
}

func (l *Lab) started(s *S) time.Time {
	start := time.Now()
	l.mu.Lock()
	l.running[s.scenario.ID] = start
	l.mu.Unlock()
	s.change(func(entry *evidence.Claim) {
		entry.Started, entry.Verdict, entry.Reason = start.UTC(), claim.Inconclusive, "it was not finished"
	})
	return start
}

// open connects one client for this scenario alone, makes the namespace and applies the manifest.
func (s *S) open() error {
	config := rest.CopyConfig(s.lab.rest)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	manifests := s.lab.suite.Manifests
	if s.lab.settings.sabotage {
		if manifests, err = s.scenario.sabotaged(manifests); err != nil {
			return err
		}
	}
	if s.manifest, err = stage.ReadManifest(manifests, s.scenario.ID); err != nil {
		return err
	}
	s.stage, err = stage.Open(s.ctx, stage.Options{
		Claim: s.scenario.ID, Run: s.lab.run, Namespace: s.scenario.Namespace, Props: s.lab.props, Client: client, Dynamic: objects,
		Mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery())),
	})
	// Cleanups run in reverse: judge and diagnose first, then clear the stage.
	s.t.Cleanup(s.clear)
	s.t.Cleanup(s.judge)
	if err != nil {
		return err
	}
	s.change(func(entry *evidence.Claim) { entry.Namespace = s.stage.Namespace })
	if s.scenario.needs(claim.LoadBalancer) {
		if err := s.lab.installBalancer(s.ctx); err != nil {
			return err
		}
	}
	s.cluster = probe.Cluster{Client: client, Config: config, Namespace: s.stage.Namespace}
	return s.stage.Apply(s.ctx, s.manifest)
}

// judge computes the verdict; when it fails the run, it first collects what tells why.
func (s *S) judge() {
	if r := s.ctx.Err(); r != nil && s.trouble == "" {
		s.trouble = "the scenario was cut off: " + r.Error()
	}
	s.change(s.settle)
	if !s.entry.Failed() {
		return
	}
	ctx, cancel := s.lateContext()
	defer cancel()
	diagnosis := s.stage.Diagnose(ctx)
	s.change(func(entry *evidence.Claim) { entry.Diagnosis = diagnosis })
}

// settle computes the verdict and compares it with what earlier runs found.
func (s *S) settle(entry *evidence.Claim) {
	judge(entry, s.trouble)
	entry.Flip = s.lab.previous.Flip(entry)
}

// clear deletes the stage, in a context that still has time when the scenario's own has run out. What stays fails the run,
// and leaves the verdict as it is.
func (s *S) clear() {
	ctx, cancel := s.lateContext()
	defer cancel()
	if err := s.stage.Close(ctx); err != nil {
		err = fmt.Errorf("%s: clean up: %w", s.scenario.ID, err)
		s.t.Error(err)
		s.lab.mu.Lock()
		defer s.lab.mu.Unlock()
		s.lab.left = append(s.lab.left, err)
	}
}

func (s *S) lateContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.ctx), s.lab.settings.patience.cleanup)
}

// ended tells what became of the claim.
func (l *Lab) ended(s *S, start time.Time) {
	took := time.Since(start)
	s.change(func(entry *evidence.Claim) {
		entry.Seconds = took.Seconds()
		if s.stage == nil { // it came not even to a namespace
			s.settle(entry)
		}
	})
	l.mu.Lock()
	delete(l.running, s.scenario.ID)
	l.done++
	done := l.done
	l.mu.Unlock()
	mark, became, fault := "✓ ", string(s.entry.Verdict), ""
	switch {
	case l.settings.sabotage:
		if fault = s.scenario.unnoticed(s.entry); fault == "" {
			became = "noticed the sabotage: " + s.entry.Reason
		}
	case s.entry.Failed():
		fault = whatFailed(s.entry)
	case s.entry.Flip != nil:
		became += "; it was " + s.entry.Flip.Tell(s.entry.Verdict)
	}
	if fault != "" {
		mark = "✗ "
		s.t.Errorf("%s\n%s", fault, sideBySide(s.entry))
	}
	l.log.Say("%s %s %s (%d done, %s)", mark, s.scenario.ID, became, done, took.Round(100*time.Millisecond))
}
