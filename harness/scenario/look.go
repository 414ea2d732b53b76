package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/gomega/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/retry"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// span is how long looks are repeated.
type span struct {
	window time.Duration // zero for a single look
	// arrive is set if the window is a deadline: a look that decides ends it.
	arrive bool
}

// question asks which of two answers a look shows.
type question struct {
	look    probe.Look
	span    span
	yes, no types.GomegaMatcher // no may be nil
	rules   verdict.Rules
	wanted  string
}

// ask looks until the question is decided or its time is over, and returns the evidence. A matcher that cannot be applied
// to what was seen ends the scenario, because the scenario is wrong.
func (s *S) ask(q question) evidence.Evidence {
	s.t.Helper()
	if request, ok := q.look.(probe.Request); ok {
		s.relyOnRoute(request.Target())
	}
	var last any
	var refused time.Time // since when the cluster refuses looks; rights in a new namespace may come late
	start := time.Now()
	q.rules.Single = q.span.window == 0
	q.rules.MinLooks, q.rules.MaxGap = minLooks, maxGap(q.span.window)
	watch := verdict.NewWatch(q.rules, start)
	deadline := start.Add(q.span.window)
	// Looking continues beyond the deadline until there are enough looks, and while the machine is short of CPU, because what
	// is waited for comes late then.
	finalDeadline := deadline.Add(max(q.span.window, minLooks*s.run.Timeouts.Look))
	for tried := 1; ; tried++ {
		look, seen := s.lookOnce(q)
		if look.Err == nil {
			last = seen
		}
		decided := watch.Add(look)
		now := time.Now()
		switch {
		case !probe.RefusedByCluster(look.Err):
			refused = time.Time{}
		case refused.IsZero():
			refused = look.Start
			fallthrough
		default:
			if q.rules.Single || now.Sub(refused) >= retry.Settling {
				s.lacking(look.Err)
			}
		}
		enough := watch.Complete() || q.rules.Single || q.span.arrive && tried >= minLooks
		late := q.span.arrive && s.threadsPerCPU(now.Add(-q.span.window), now) >= verdict.TooCrowded
		over := now.After(deadline) && (enough && !late || now.After(finalDeadline))
		if decided || over || s.ctx.Err() != nil {
			break
		}
		if pause(s.ctx, max(s.run.Timeouts.Poll, min(look.End.Sub(look.Start), longestPause))) != nil {
			break
		}
	}
	end := time.Now()
	c := watch.Conclude(end)
	e := evidence.Evidence{
		At: start.UTC(), Looked: q.look.Name(), Wanted: q.wanted, Saw: c.Saw, Seconds: end.Sub(start).Seconds(),
		Truth: c.Truth, Why: c.Why, Looks: &c.Looks,
	}
	if c.Truth != claim.SawTrue {
		if why := podProblems(last); why != "" { // why Pods are not ready says more than their state
			e.Saw = why + " (" + e.Saw + ")"
		}
	}
	if s.ctx.Err() != nil && c.Truth == claim.Nothing {
		e.Why = s.cutOffReason()
	}
	return e
}

// longestPause is the longest pause between two looks. A pause is as long as the look before it, within this limit, so that
// looks, which are slow on a busy machine, do not keep the machine busy.
const longestPause = 2 * time.Second

// lookOnce makes one look within its own time limit. A failed look is retried for a moment if it is the only one, since the
// API server or a node may be busy. In a series each failure is recorded.
func (s *S) lookOnce(q question) (look verdict.Look, seen any) {
	s.t.Helper()
	look.Start = time.Now()
	attempt := func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, s.run.Timeouts.Look)
		defer cancel()
		seen, look.Err = q.look.Ask(ctx)
		return look.Err == nil, nil
	}
	if q.span.window == 0 {
		if err := wait.ExponentialBackoffWithContext(s.ctx, retries(), attempt); err != nil && look.Err == nil {
			look.Err = err // the scenario was cut off before the first attempt
		}
	} else {
		_, _ = attempt(s.ctx)
	}
	look.End = time.Now()
	if look.Err != nil {
		return look, nil
	}
	look.Saw = probe.Describe(seen)
	look.Yes = s.matches(q.look, q.yes, seen)
	if q.no != nil {
		look.No = s.matches(q.look, q.no, seen)
	}
	if look.Yes && look.No {
		s.abort("the scenario is wrong: %s both %s and %s: %s", q.look.Name(), describe(q.yes), describe(q.no), look.Saw)
	}
	return look, seen
}

func (s *S) matches(look probe.Look, matcher types.GomegaMatcher, seen any) bool {
	s.t.Helper()
	ok, err := matcher.Match(seen)
	if err == nil {
		err = matcherTypeError(matcher, seen)
	}
	if err != nil {
		s.abort("the scenario is wrong: whether %s should %s cannot be decided by %s: %v", look.Name(), describe(matcher), probe.Describe(seen), err)
	}
	return ok
}

// retries is the backoff between the tries of a failing single look.
func retries() wait.Backoff {
	return wait.Backoff{Duration: 100 * time.Millisecond, Factor: 2, Jitter: 0.1, Steps: 6}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// side separates a matcher from how it decides.
func side(matcher types.GomegaMatcher) (types.GomegaMatcher, verdict.Side) {
	if l, ok := matcher.(match.LastingAnswer); ok {
		return l.GomegaMatcher, verdict.Lasting
	}
	return matcher, verdict.Once
}

// Asked is a look whose result Should compares with a matcher, as a step, a witness or a contrast. On is the type that the
// look belongs to and that Should returns.
type Asked[On any] struct {
	s        *S
	look     probe.Look
	span     span
	conclude func(q question, e evidence.Evidence) On
}

// Should requires that the result matches. With Consistently each look of the window must match.
func (a Asked[On]) Should(matcher types.GomegaMatcher) On {
	a.s.t.Helper()
	q := a.s.wanting(a.look, a.span, matcher)
	return a.conclude(q, a.s.ask(q))
}

// wanting returns the question whether a look matches. The contrary is that no look of the window does, which only the whole
// window shows.
func (s *S) wanting(look probe.Look, span span, matcher types.GomegaMatcher) question {
	matcher, _ = side(matcher)
	q := question{look: look, span: span, yes: matcher, no: contrary{matcher}, wanted: describe(matcher)}
	if span.window > 0 {
		q.rules = verdict.Rules{Yes: verdict.Once, No: verdict.Lasting}
		if !span.arrive {
			q.rules = verdict.Rules{Yes: verdict.Lasting, No: verdict.Once}
		}
	}
	return q
}

// contrary matches what another matcher does not match.
type contrary struct{ of types.GomegaMatcher }

func (c contrary) Match(seen any) (bool, error) {
	ok, err := c.of.Match(seen)
	return err == nil && !ok, err
}
func (c contrary) FailureMessage(seen any) string        { return c.of.NegatedFailureMessage(seen) }
func (c contrary) NegatedFailureMessage(seen any) string { return c.of.FailureMessage(seen) }
func (c contrary) String() string                        { return "not " + describe(c.of) }

// unmet returns in one line that a look did not match, with what was wanted and what was seen.
func unmet(e evidence.Evidence) string {
	seen := e.Saw
	switch {
	case seen == "" && e.Why != "":
		seen = e.Why
	case e.Looks != nil && e.Looks.Failed == e.Looks.Count:
		seen = e.Why
	}
	return fmt.Sprintf("%s: wanted to %s within %.1f s, and saw: %s", e.Looked, e.Wanted, e.Seconds, seen)
}
