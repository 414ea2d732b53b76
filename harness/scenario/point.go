package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// Point is one of the claim's points with its witness and its contrasts. Only Decides decides it, given a matcher for true
// and one for false.
type Point struct {
	s       *S
	point   *claim.Point
	witness Witness
}

// Point begins a look at one of the claim's points, which needs a witness and at least one contrast. A contrast may be looked
// at before the point or after it. A point may be looked at several times: it is true if all looks show it to be true, and
// other than expected as soon as one look shows that.
func (s *S) Point(point *claim.Point, witness Witness, contrast Contrast, more ...Contrast) Point {
	s.t.Helper()
	contrasts := append([]Contrast{contrast}, more...)
	switch {
	case !s.claim.Has(point):
		s.abort("the scenario is wrong: the point does not belong to the claim: %+v", point)
	case witness.control == nil || len(witness.questions) == 0:
		s.abort("the scenario is wrong: the witness of %q was never looked at", point.Says)
	case slices.ContainsFunc(contrasts, func(c Contrast) bool { return c.control == nil }):
		s.abort("the scenario is wrong: a contrast of %q is the zero value", point.Says)
	}
	s.changePoint(point, func(entry *evidence.Point) {
		for w := witness.control; w != nil; w = w.base {
			if !slices.Contains(entry.Witnesses, w.says) {
				entry.Witnesses = append(entry.Witnesses, w.says)
			}
		}
		for _, c := range contrasts {
			if c.why != "" {
				entry.NoContrast = c.why
			} else if !slices.Contains(entry.Contrasts, c.says) {
				entry.Contrasts = append(entry.Contrasts, c.says)
			}
		}
	})
	return Point{s, point, witness}
}

func (s *S) changePoint(point *claim.Point, do func(*evidence.Point)) {
	i := slices.Index(s.claim.Points, point)
	s.change(func(entry *evidence.Claim) { do(&entry.Points[i]) })
}

// Eventually looks until one of the two answers is seen, for at most Timeouts.Arrive: longer, up to twice as long, while the machine
// is short of CPU.
func (p Point) Eventually(look probe.Look) Decision { return Decision{p, look, p.s.arriving()} }

// EventuallyAfterNodeLoss is Eventually with the deadline Timeouts.NodeLoss.
func (p Point) EventuallyAfterNodeLoss(look probe.Look) Decision {
	return Decision{p, look, span{window: p.s.run.Timeouts.NodeLoss, arrive: true}}
}

// Consistently looks for the whole of Timeouts.Stay and until three looks, the last among them, have succeeded, or until one look
// decides.
func (p Point) Consistently(look probe.Look) Decision { return Decision{p, look, p.s.staying()} }

// Expect looks once. A look that fails is retried a few times.
func (p Point) Expect(look probe.Look) Decision { return Decision{p, look, span{}} }

// Decision is a look at a point that is about to decide it.
type Decision struct {
	p    Point
	look probe.Look
	span span
}

// Decides decides the point: it is true if what is seen matches yes, and false if it matches no. An answer that is Lasting
// must be seen by each look of the window. A look that matches neither decides nothing, and a deadline that passes leaves
// the point unobserved. The scenario is wrong if a look matches both, if a matcher cannot be applied to what is seen, or if
// an answer includes readiness: readiness is a step, because a moment without it answers nothing.
//
// One request that is not answered, which may be a lost packet, shows nothing. That requests are not answered is false only if it
// is Lasting. If it is what Eventually waits for, another look behind it must show that it lasts.
func (t Decision) Decides(yes, no types.GomegaMatcher) {
	p, s := t.p, t.p.s
	s.t.Helper()
	q := question{look: t.look, span: t.span, wanted: fmt.Sprintf("%s (true) or %s (false)", describe(yes), describe(no))}
	q.yes, q.rules.Yes = side(yes)
	q.no, q.rules.No = side(no)
	if why := validateQuestion(q); why != "" {
		s.abort("the scenario is wrong: %s: %s", p.point.Says, why)
	}
	switch {
	case p.witness.failure() != "":
		return // the verdict contains the reason
	case s.contradicted[p.point]:
		return // an earlier look has decided it
	}
	e := s.ask(q)
	switch {
	case e.Truth == claim.SawTrue && q.rules.Yes == verdict.Once && q.silences(q.yes):
		e.Truth, e.Supporting = claim.Nothing, true
		e.Why = "one request without an answer shows nothing yet; a look behind it must show that it lasts"
	case e.Truth != claim.Nothing:
		p.verifyAnswer(q, &e)
	}
	s.changePoint(p.point, func(entry *evidence.Point) { entry.Evidence = append(entry.Evidence, e) })
	if !e.Supporting && e.Truth != claim.Nothing && !e.Truth.Is(s.expects(p.point)) {
		s.contradicted[p.point] = true
	}
}

// validateQuestion returns why a question cannot decide a point; empty if it can.
func validateQuestion(q question) string {
	not, negated := q.no.(*matchers.NotMatcher)
	switch {
	case match.IsPrerequisite(q.yes), match.IsPrerequisite(q.no):
		return "readiness is part of an answer; wait for it as a step"
	case q.span.window == 0 && (q.rules.Yes == verdict.Lasting || q.rules.No == verdict.Lasting):
		return "a single look cannot show that something lasts"
	case q.span.window > 0 && !q.span.arrive && q.rules.Yes == verdict.Once && q.rules.No == verdict.Once:
		return "Consistently needs an answer that is Lasting"
	case q.rules.No == verdict.Once && q.silences(q.no), q.span.window == 0 && q.silences(q.yes):
		return "one request without an answer shows nothing; an answer that includes it must be Lasting"
	case q.span.arrive && q.rules.Yes == verdict.Once && q.rules.No == verdict.Once && negated && describe(not.Matcher) == describe(q.yes):
		return "what is waited for is absent at first, so its absence must be Lasting to be an answer"
	default:
		return ""
	}
}

// silences returns whether an answer of the question matches a request, or several, to which nobody answered in time.
func (q question) silences(matcher types.GomegaMatcher) bool {
	silences := []any{probe.Answer{Why: "timed out"}}
	if _, request := q.look.(probe.Request); request { // matchers of maps match all kinds of maps
		silences = append(silences, probe.Answers{probe.NobodyAnswered: 1})
	}
	return slices.ContainsFunc(silences, func(silence any) bool {
		matches, err := matcher.Match(silence)
		return err == nil && matches && matcherTypeError(matcher, silence) == nil
	})
}

// verifyAnswer discards an answer whose witness now fails, or that the state of the cluster explains. The witness is checked
// for answers that rest on an absence or differ from the expected one, the cluster for the latter only.
func (p Point) verifyAnswer(q question, e *evidence.Evidence) {
	side := q.rules.Yes
	if e.Truth == claim.SawFalse {
		side = q.rules.No
	}
	contrary := !e.Truth.Is(p.s.expects(p.point))
	threadsPerCPU := 0.0
	if side == verdict.Lasting { // on a slow machine something absent may come late; what one look shows is certain
		end := e.At.Add(time.Duration(e.Seconds * float64(time.Second)))
		threadsPerCPU = p.s.threadsPerCPU(end.Add(-q.span.window), end)
	}
	if side == verdict.Lasting || contrary {
		if why := p.witness.recheck(); why != "" {
			e.Truth, e.Why = claim.Nothing, "the witness failed afterwards: "+why
			return
		}
	}
	if !contrary {
		return
	}
	// From the start: a Pod still shows what disturbed it earlier.
	e.Health = p.s.health(p.s.ctx, p.s.started, time.Now(), threadsPerCPU, side == verdict.Lasting)
	switch {
	case len(e.Health.Problems) > 0:
		e.Truth, e.Why = claim.Nothing, "the cluster was not whole: "+joinWords(e.Health.Problems)
	case len(e.Health.Added) > 0:
		e.Truth, e.Why = claim.Nothing, "this cluster may be the reason: "+joinWords(e.Health.Added)
	}
}
