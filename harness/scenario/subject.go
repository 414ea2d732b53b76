package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
)

// Subject is what looks are made for: a point, a control, or a step on the way. What becomes of a look that came out
// other than wanted depends on the subject.
type Subject struct {
	s *S
	// conclude is given each look and its outcome.
	conclude func(look evidence.Evidence, o outcome)
}

// outcome is what became of a look.
type outcome struct {
	came     bool           // it came out as wanted
	negated  bool           // wanted was that it does not match
	eventual bool           // it was waited for, so that its not coming shows no contrary
	told     bool           // it was asked to tell true from false, and tells stands for came
	tells    claim.Observed // what it told
	err      error          // it could not be had
}

// Eventually looks again and again until the look comes out as wanted, at most for the deadline of arrivals.
func (u Subject) Eventually(look probe.Look) Comparison {
	return Comparison{u, look, true, func(g gomega.Gomega, ask any, p patience) types.AsyncAssertion {
		return g.Eventually(u.s.ctx, ask).WithTimeout(p.arrive).WithPolling(p.poll)
	}}
}

// Consistently looks again and again for the declared window; each look must come out as wanted.
func (u Subject) Consistently(look probe.Look) Comparison {
	return Comparison{u, look, false, func(g gomega.Gomega, ask any, p patience) types.AsyncAssertion {
		return g.Consistently(u.s.ctx, ask).WithTimeout(p.stay).WithPolling(p.poll)
	}}
}

// Expect looks once.
func (u Subject) Expect(look probe.Look) Comparison {
	return Comparison{u, look, false, func(g gomega.Gomega, ask any, _ patience) types.AsyncAssertion {
		return g.Eventually(u.s.ctx, ask).WithTimeout(time.Nanosecond)
	}}
}

// Comparison is a look that is about to be compared with what is wanted.
type Comparison struct {
	subject  Subject
	look     probe.Look
	eventual bool
	mode     func(g gomega.Gomega, ask any, p patience) types.AsyncAssertion
}

// Should wants what is seen to match.
func (c Comparison) Should(matcher types.GomegaMatcher) {
	look, o, _ := c.compare(describe(matcher), func(async types.AsyncAssertion) bool { return async.Should(matcher) })
	c.subject.conclude(look, o)
}

// ShouldNot wants what is seen not to match.
func (c Comparison) ShouldNot(matcher types.GomegaMatcher) {
	look, o, _ := c.compare("not "+describe(matcher), func(async types.AsyncAssertion) bool { return async.ShouldNot(matcher) })
	o.negated = true
	c.subject.conclude(look, o)
}

// Tells decides a point by whichever comes first: what is seen matches yes, and the point is true, or it matches no,
// and the point is false. As long as neither comes the point is not observed.
func (c Comparison) Tells(yes, no types.GomegaMatcher) {
	wanted := fmt.Sprintf("either %s (true) or %s (false)", describe(yes), describe(no))
	look, o, seen := c.compare(wanted, func(async types.AsyncAssertion) bool { return async.Should(gomega.Or(yes, no)) })
	o.told = true
	if o.came {
		isYes, yesErr := yes.Match(seen)
		isNo, noErr := no.Match(seen)
		if yesErr != nil || noErr != nil || isYes == isNo {
			c.subject.s.abort("the scenario is wrong: %s both %s and %s", look.Looked, describe(yes), describe(no))
		}
		o.tells = claim.Saw(isYes)
	}
	c.subject.conclude(look, o)
}

func (c Comparison) compare(wanted string, holds func(types.AsyncAssertion) bool) (evidence.Evidence, outcome, any) {
	var seen any
	o := outcome{eventual: c.eventual}
	ask := func(ctx context.Context) (any, error) {
		seen, o.err = c.askPatiently(ctx)
		return seen, o.err
	}
	// gomega tells of a failure by a message; what is needed of it, what was seen and why not, is kept here instead.
	g := gomega.NewGomega(func(string, ...int) {})
	start := time.Now()
	o.came = holds(c.mode(g, ask, c.subject.s.lab.settings.patience))
	look := evidence.Evidence{
		At: start.UTC(), Looked: c.look.Name(), Wanted: wanted, Saw: probe.Describe(seen), Seconds: time.Since(start).Seconds(),
	}
	if o.came {
		o.err = nil
	} else if o.err == nil {
		o.err = c.subject.s.ctx.Err()
	}
	if o.err != nil {
		look.Saw = "the look could not be had: " + o.err.Error()
	}
	return look, o, seen
}

// retries is how an error of a look is met before it counts: the API server or a node may be busy for a moment.
func retries() wait.Backoff {
	return wait.Backoff{Duration: 100 * time.Millisecond, Factor: 2, Jitter: 0.1, Steps: 4}
}

func (c Comparison) askPatiently(ctx context.Context) (seen any, err error) {
	_ = wait.ExponentialBackoffWithContext(ctx, retries(), func(ctx context.Context) (bool, error) {
		seen, err = c.look.Ask(ctx)
		return err == nil, nil
	})
	return seen, err
}

// Point is the subject of one of the claim's points: what it should be speaks for the point when it is so, and what it
// should not be speaks against it when it is not so. A point may be looked at several times.
func (s *S) Point(says string) Subject {
	s.t.Helper()
	return s.point(says, func(o outcome) claim.Observed {
		if o.told {
			return o.tells
		}
		return claim.Saw(o.came != o.negated)
	})
}

// Against is the subject of looks that speak against one of the claim's points when they come out as wanted. What was
// waited for in vain speaks neither way; Tells says what speaks for the point.
func (s *S) Against(says string) Subject {
	s.t.Helper()
	return s.point(says, func(o outcome) claim.Observed {
		if o.eventual && !o.came {
			return claim.Nothing
		}
		return claim.Saw(!o.came)
	})
}

func (s *S) point(says string, truth func(outcome) claim.Observed) Subject {
	s.t.Helper()
	if _, has := s.scenario.Point(says); !has {
		s.abort("the scenario is wrong: the claim has no point %q", says)
	}
	return Subject{s, func(look evidence.Evidence, o outcome) {
		if o.err == nil {
			look.Truth = truth(o)
		}
		s.attach(says, look)
		if look.Truth == claim.Nothing {
			s.blind("point %q could not be observed: %s: %s", says, look.Looked, look.Saw)
		}
	}}
}

// attach puts a look into the record, with the point it belongs to.
func (s *S) attach(says string, look evidence.Evidence) {
	s.change(func(entry *evidence.Claim) {
		for i := range entry.Points {
			if entry.Points[i].Says == says {
				entry.Points[i].Evidence = append(entry.Points[i].Evidence, look)
			}
		}
	})
}

// Beside is the subject of looks that belong with a point in the reports, such as an exception to it, and do not
// decide it. The claim is inconclusive when one does not come out as wanted.
func (s *S) Beside(says string) Subject {
	return Subject{s, func(look evidence.Evidence, o outcome) {
		s.attach(says, look)
		s.require(look, o)
	}}
}

// Control is the subject of looks that must come out as wanted for the claim's probes to be worth anything. When one
// does not, the claim is inconclusive.
func (s *S) Control(says string) Subject {
	s.change(func(entry *evidence.Claim) { controlOf(entry, says) })
	return Subject{s, func(look evidence.Evidence, o outcome) {
		if o.err == nil {
			look.Truth = claim.Saw(o.came)
		}
		s.change(func(entry *evidence.Claim) {
			control := controlOf(entry, says)
			control.Passed = o.came && (len(control.Evidence) == 0 || control.Passed)
			control.Evidence = append(control.Evidence, look)
		})
	}}
}

func controlOf(entry *evidence.Claim, says string) *evidence.Control {
	for i := range entry.Control {
		if entry.Control[i].Says == says {
			return &entry.Control[i]
		}
	}
	entry.Control = append(entry.Control, evidence.Control{Says: says, Evidence: []evidence.Evidence{}})
	return &entry.Control[len(entry.Control)-1]
}

// Eventually, as a step on the way, waits until the look comes out as wanted; the claim is inconclusive if it does not.
func (s *S) Eventually(look probe.Look) Comparison { return s.step().Eventually(look) }

// Expect, as a step on the way, looks once; the claim is inconclusive if the look does not come out as wanted.
func (s *S) Expect(look probe.Look) Comparison { return s.step().Expect(look) }

func (s *S) step() Subject { return Subject{s, s.require} }

func (s *S) require(look evidence.Evidence, o outcome) {
	if !o.came {
		s.abort("%s did not %s within %.1f s: %s", look.Looked, look.Wanted, look.Seconds, look.Saw)
	}
}

// blind notes why the claim is inconclusive, the first reason there is; the scenario goes on.
func (s *S) blind(format string, a ...any) {
	if s.trouble == "" {
		s.trouble = fmt.Sprintf(format, a...)
	}
}

// abort ends the scenario: what is not observed by now stays so, and the claim is inconclusive unless it drifted before.
func (s *S) abort(format string, a ...any) {
	s.t.Helper()
	s.blind(format, a...)
	if s.lab.settings.sabotage {
		s.t.SkipNow() // a sabotage may well stop it; ended fails the test when it was not noticed before
	}
	s.t.FailNow()
}
