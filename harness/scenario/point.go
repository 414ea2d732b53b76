package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/verdict"
)

// Witness shows, without the mechanism that a point is about, that its client, its server and its probe work. The points
// that are bound to a witness which fails are not observed. It is asked again behind each answer that rests on an absence
// or is contrary to what is expected. A witness without a single look has failed.
type Witness struct{ *control }

// Contrast is the mechanism that a point is about where the answer must come out the other way. A point that came out as
// expected counts only if its contrast did so as well. One that came out otherwise may have taken its contrast with it.
type Contrast struct{ *control }

// control is what a witness and a contrast have in common.
type control struct {
	s    *S
	says string
	kind evidence.ControlKind
	// why says that there can be no contrast; empty when there is one.
	why string
	// asked are the looks of a witness, which are made again behind an answer.
	asked []question
	// failed says why a look did not come out as wanted, the first one; empty while all did.
	failed string
}

// Witness begins a witness: what it shows is said in one sentence.
func (s *S) Witness(says string) Witness { return Witness{s.control(says, evidence.Witness)} }

// Contrast begins a contrast: what it shows is said in one sentence.
func (s *S) Contrast(says string) Contrast { return Contrast{s.control(says, evidence.Contrast)} }

// NoContrast says why a point has no contrast: because the mechanism has no other answer to give.
func (s *S) NoContrast(why string) Contrast {
	s.t.Helper()
	if why == "" {
		s.abort("the scenario is wrong: it does not say why a point has no contrast")
	}
	return Contrast{&control{s: s, kind: evidence.Contrast, why: why}}
}

func (s *S) control(says string, kind evidence.ControlKind) *control {
	s.t.Helper()
	said := false
	s.read(func(entry *evidence.Claim) {
		said = slices.ContainsFunc(entry.Control, func(c evidence.Control) bool { return c.Says == says })
	})
	if said {
		s.abort("the scenario is wrong: %q is said of two controls", says)
	}
	s.change(func(entry *evidence.Claim) {
		entry.Control = append(entry.Control, evidence.Control{Says: says, Kind: kind, Evidence: []evidence.Evidence{}})
	})
	return &control{s: s, says: says, kind: kind}
}

// Eventually looks until it comes out as wanted, at most for the deadline of arrivals.
func (w Witness) Eventually(look probe.Look) Asked[Witness] {
	return Asked[Witness]{w.s, look, w.s.arriving(), w.conclude}
}

// Expect looks once.
func (w Witness) Expect(look probe.Look) Asked[Witness] {
	return Asked[Witness]{w.s, look, span{}, w.conclude}
}

func (w Witness) conclude(q question, e evidence.Evidence) Witness {
	w.asked = append(w.asked, q)
	w.record(e)
	return w
}

// Eventually looks until it comes out as wanted, at most for the deadline of arrivals.
func (c Contrast) Eventually(look probe.Look) Asked[Contrast] {
	return Asked[Contrast]{c.s, look, c.s.arriving(), c.conclude}
}

// Consistently looks for the declared window; each look must come out as wanted.
func (c Contrast) Consistently(look probe.Look) Asked[Contrast] {
	return Asked[Contrast]{c.s, look, c.s.staying(), c.conclude}
}

// Expect looks once.
func (c Contrast) Expect(look probe.Look) Asked[Contrast] {
	return Asked[Contrast]{c.s, look, span{}, c.conclude}
}

func (c Contrast) conclude(_ question, e evidence.Evidence) Contrast {
	c.s.t.Helper()
	if c.why != "" {
		c.s.abort("the scenario is wrong: a contrast that cannot exist is looked at: %s", e.Looked)
	}
	c.record(e)
	return c
}

func (c *control) record(e evidence.Evidence) {
	if e.Truth != claim.SawTrue && c.failed == "" {
		c.failed = unmet(e)
	}
	c.s.change(func(entry *evidence.Claim) {
		i := slices.IndexFunc(entry.Control, func(other evidence.Control) bool { return other.Says == c.says })
		into := &entry.Control[i]
		into.Passed = e.Truth == claim.SawTrue && (len(into.Evidence) == 0 || into.Passed)
		into.Fell = into.Fell || e.Truth == claim.SawFalse
		into.Evidence = append(into.Evidence, e)
	})
}

// again asks the witness once more, and returns why it fails now; empty when it does not.
func (w Witness) again() string {
	for _, q := range w.asked {
		e := w.s.ask(q)
		w.record(e)
		if e.Truth != claim.SawTrue {
			return unmet(e)
		}
	}
	return ""
}

// Point is one of the claim's points with what stands behind it. What is seen decides between true and false only by
// Tells, which takes what each of the two looks like.
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
func (p Point) Eventually(look probe.Look) Telling { return Telling{p, look, p.s.arriving()} }

// EventuallyAfterNodeLoss is Eventually with the deadline of what follows from the death of a node.
func (p Point) EventuallyAfterNodeLoss(look probe.Look) Telling {
	return Telling{p, look, span{window: p.s.run.Timeouts.NodeLoss, arrive: true}}
}

// Consistently looks for the declared window, or until an answer is seen that one look decides.
func (p Point) Consistently(look probe.Look) Telling { return Telling{p, look, p.s.staying()} }

// Expect looks once.
func (p Point) Expect(look probe.Look) Telling { return Telling{p, look, span{}} }

// Telling is a look at a point that is about to decide it.
type Telling struct {
	p    Point
	look probe.Look
	span span
}

// Tells decides the point: it is true when what is seen matches yes, and false when it matches no. Either may be Lasting,
// and is then decided by the whole window. What matches neither decides nothing, and neither does a deadline that passes:
// the point is not observed then. It is the scenario's error when something matches both, when a matcher cannot be applied
// to what is seen, and when an answer includes readiness, which is a step: an unready second answers nothing.
func (t Telling) Tells(yes, no types.GomegaMatcher) {
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
		s.blind("the witness failed, so nothing can be observed of %q: %s: %s", p.point.Says, p.witness.says, p.witness.failed)
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
		s.blind("%q could not be observed: %s: %s", p.point.Says, e.Looked, e.Why)
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
	e.Health = p.s.health(e.At, time.Now())
	if len(e.Health.Problems) > 0 {
		e.Truth, e.Why = claim.Nothing, "the cluster was not whole: "+joinWords(e.Health.Problems)
	}
}

// Supporting begins looks that belong with a point in the reports, such as an exception to it, and do not decide it. The
// claim is inconclusive when one does not come out as wanted.
func (s *S) Supporting(point *claim.Point) Support { return Support{s, point} }

// Support is what Supporting begins.
type Support struct {
	s     *S
	point *claim.Point
}

// Eventually looks until it comes out as wanted, at most for the deadline of arrivals.
func (u Support) Eventually(look probe.Look) Asked[Support] {
	return Asked[Support]{u.s, look, u.s.arriving(), u.conclude}
}

// Expect looks once.
func (u Support) Expect(look probe.Look) Asked[Support] {
	return Asked[Support]{u.s, look, span{}, u.conclude}
}

func (u Support) conclude(_ question, e evidence.Evidence) Support {
	u.s.t.Helper()
	came := e.Truth == claim.SawTrue
	e.Truth, e.Supporting = claim.Nothing, true
	u.s.changePoint(u.point, func(entry *evidence.Point) { entry.Evidence = append(entry.Evidence, e) })
	if !came {
		u.s.blind("%s", unmet(e))
	}
	return u
}

// Step is what a step returns.
type Step struct{}

// Eventually, as a step on the way, waits until the look comes out as wanted; the claim is inconclusive if it does not.
func (s *S) Eventually(look probe.Look) Asked[Step] {
	return Asked[Step]{s, look, s.arriving(), s.require}
}

// Expect, as a step on the way, looks once; the claim is inconclusive if the look does not come out as wanted.
func (s *S) Expect(look probe.Look) Asked[Step] { return Asked[Step]{s, look, span{}, s.require} }

func (s *S) require(_ question, e evidence.Evidence) Step {
	s.t.Helper()
	if e.Truth != claim.SawTrue {
		s.abort("%s", unmet(e))
	}
	return Step{}
}

func (s *S) arriving() span { return span{window: s.run.Timeouts.Arrive, arrive: true} }
func (s *S) staying() span  { return span{window: s.run.Timeouts.Stay} }
