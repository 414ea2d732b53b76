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

// Point is one of the claim's points with what stands behind it. What is seen decides between true and false only by
// Decides, which takes what each of the two looks like.
type Point struct {
	s       *S
	point   *claim.Point
	witness Witness
}

// Point begins the looks at one of the claim's points, behind which a witness and at least one contrast stand. A contrast
// may be looked at before the point or after it. A point may be looked at several times: it is true when all of these looks
// show it to be true, and false as soon as one shows the contrary.
func (s *S) Point(point *claim.Point, witness Witness, contrast Contrast, more ...Contrast) Point {
	s.t.Helper()
	contrasts := append([]Contrast{contrast}, more...)
	switch {
	case !s.claim.Has(point):
		s.abort("the scenario is wrong: a point is none of the claim's: %+v", point)
	case witness.control == nil || len(witness.asked) == 0:
		s.abort("the scenario is wrong: the witness of %q was never looked at", point.Says)
	case slices.ContainsFunc(contrasts, func(c Contrast) bool { return c.control == nil }):
		s.abort("the scenario is wrong: a contrast of %q is the zero value", point.Says)
	}
	s.changePoint(point, func(entry *evidence.Point) {
		if !slices.Contains(entry.Witnesses, witness.says) {
			entry.Witnesses = append(entry.Witnesses, witness.says)
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

// Eventually looks until one of the two answers is seen, at most for the deadline of arrivals.
func (p Point) Eventually(look probe.Look) Decision { return Decision{p, look, p.s.arriving()} }

// EventuallyAfterNodeLoss is Eventually with the deadline of what follows from the death of a node.
func (p Point) EventuallyAfterNodeLoss(look probe.Look) Decision {
	return Decision{p, look, span{window: p.s.run.Timeouts.NodeLoss, arrive: true}}
}

// Consistently looks for the declared window, or until an answer is seen that one look decides.
func (p Point) Consistently(look probe.Look) Decision { return Decision{p, look, p.s.staying()} }

// Expect looks once.
func (p Point) Expect(look probe.Look) Decision { return Decision{p, look, span{}} }

// Decision is a look at a point that is about to decide it.
type Decision struct {
	p    Point
	look probe.Look
	span span
}

// Decides decides the point: it is true when what is seen matches yes, and false when it matches no. Either may be Lasting,
// and is then decided by the whole window. What matches neither decides nothing, and neither does a deadline that passes:
// the point is not observed then. It is the scenario's error when something matches both, when a matcher cannot be applied
// to what is seen, and when an answer includes readiness, which is a step: an unready second answers nothing.
func (t Decision) Decides(yes, no types.GomegaMatcher) {
	p, s := t.p, t.p.s
	s.t.Helper()
	q := question{look: t.look, span: t.span, wanted: fmt.Sprintf("%s (true) or %s (false)", describe(yes), describe(no))}
	q.yes, q.rules.Yes = side(yes)
	q.no, q.rules.No = side(no)
	if why := illFormed(q); why != "" {
		s.abort("the scenario is wrong: %s: %s", p.point.Says, why)
	}
	switch {
	case p.witness.failed != "":
		s.unseen = true // the verdict says why
		return
	case s.settled[p.point]:
		return // it has come out otherwise already
	}
	e := s.ask(q)
	if e.Truth != claim.Nothing {
		p.believe(q, &e)
	}
	s.changePoint(p.point, func(entry *evidence.Point) { entry.Evidence = append(entry.Evidence, e) })
	switch {
	case e.Truth == claim.Nothing:
		s.unseen = true
	case !e.Truth.Is(s.expects(p.point)):
		s.settled[p.point] = true
	}
}

// illFormed says why a question cannot decide a point; empty when it can.
func illFormed(q question) string {
	not, negated := q.no.(*matchers.NotMatcher)
	switch {
	case match.IsPrerequisite(q.yes), match.IsPrerequisite(q.no):
		return "readiness is part of an answer; wait for it as a step"
	case q.span.window == 0 && (q.rules.Yes == verdict.Lasting || q.rules.No == verdict.Lasting):
		return "a single look shows nothing that lasts"
	case q.span.window > 0 && !q.span.arrive && q.rules.Yes == verdict.Once && q.rules.No == verdict.Once:
		return "Consistently needs an answer that is Lasting"
	case q.span.arrive && q.rules.Yes == verdict.Once && q.rules.No == verdict.Once && negated && describe(not.Matcher) == describe(q.yes):
		return "what is waited for is not there at first, so its absence must be Lasting to be an answer"
	default:
		return ""
	}
}

// believe takes an answer back for which the witness does not stand any more, or that the state of the cluster explains.
// Only what rests on an absence, and what is contrary to the expectation, is put to this test.
func (p Point) believe(q question, e *evidence.Evidence) {
	rests := q.rules.Yes
	if e.Truth == claim.SawFalse {
		rests = q.rules.No
	}
	contrary := !e.Truth.Is(p.s.expects(p.point))
	if rests == verdict.Lasting || contrary {
		if why := p.witness.again(); why != "" {
			e.Truth, e.Why = claim.Nothing, "the witness failed behind it: "+why
			return
		}
	}
	if !contrary {
		return
	}
	now, crowd := time.Now(), 0.0
	if rests == verdict.Lasting { // what is not there yet may come late; what one look shows does not go away again
		crowd = p.s.crowd(now.Add(-q.span.window), now)
	}
	e.Health = p.s.health(p.s.ctx, p.s.started, now, crowd) // what befell a Pod before the looks began is still seen in it
	if len(e.Health.Problems) > 0 {
		e.Truth, e.Why = claim.Nothing, "the cluster was not whole: "+joinWords(e.Health.Problems)
	}
}
