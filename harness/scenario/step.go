package scenario

import (
	"fmt"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
)

// Step is what a step returns.
type Step struct{}

// Eventually begins a step that looks until the result matches, for at most Timeouts.Step. The claim is inconclusive if it
// does not match.
func (s *S) Eventually(look probe.Look) Asked[Step] {
	return Asked[Step]{s, look, s.preparing(), s.require}
}

// EventuallyAfterNodeLoss is Eventually with the deadline Timeouts.NodeLoss.
func (s *S) EventuallyAfterNodeLoss(look probe.Look) Asked[Step] {
	return Asked[Step]{s, look, span{window: s.run.Timeouts.NodeLoss, arrive: true}, s.require}
}

// Expect begins a step that looks once; a look that fails is retried a few times. The claim is inconclusive if the result does not match.
func (s *S) Expect(look probe.Look) Asked[Step] { return Asked[Step]{s, look, span{}, s.require} }

// Assume, as a step before the first witness, looks once at what the cluster must be like to show the claim. On a cluster that
// somebody else made, the claim is not run when it is otherwise; on one of noteproof's own it is inconclusive.
func (s *S) Assume(look probe.Look) Asked[Step] { return Asked[Step]{s, look, span{}, s.assume} }

func (s *S) assume(q question, e evidence.Evidence) Step {
	s.t.Helper()
	if e.Truth == claim.SawFalse && s.run.Adopted && s.untouched() {
		s.notRun("this cluster cannot show it: %s", unmet(e))
	}
	return s.require(q, e)
}

// untouched reports whether nothing has been looked at that could decide.
func (s *S) untouched() bool {
	none := true
	s.read(func(entry *evidence.Claim) {
		none = len(entry.Control) == 0
		for _, point := range entry.Points {
			none = none && len(point.Evidence) == 0
		}
	})
	return none
}

// notRun ends the scenario: the cluster cannot show the claim.
func (s *S) notRun(format string, a ...any) {
	s.t.Helper()
	s.unfit = fmt.Sprintf(format, a...)
	s.t.SkipNow()
}

func (s *S) require(_ question, e evidence.Evidence) Step {
	s.t.Helper()
	switch e.Truth {
	case claim.SawTrue:
	case claim.SawFalse:
		s.unmet = unmet(e) // the verdict depends on whether the cluster was whole, and on the points observed before
		s.stop()
	default:
		s.abort("%s", unmet(e))
	}
	return Step{}
}

func (s *S) preparing() span { return span{window: s.run.Timeouts.Step, arrive: true} }
func (s *S) arriving() span  { return span{window: s.run.Timeouts.Arrive, arrive: true} }
func (s *S) staying() span   { return span{window: s.run.Timeouts.Stay} }

// Supporting begins looks that the reports show with a point, such as an exception to it, but that do not decide it. The
// claim is inconclusive if one does not match.
func (s *S) Supporting(point *claim.Point) Support { return Support{s, point} }

// Support is what Supporting begins.
type Support struct {
	s     *S
	point *claim.Point
}

// Eventually looks until the result matches, for at most Timeouts.Step.
func (u Support) Eventually(look probe.Look) Asked[Support] {
	return Asked[Support]{u.s, look, u.s.preparing(), u.conclude}
}

// Expect looks once.
func (u Support) Expect(look probe.Look) Asked[Support] {
	return Asked[Support]{u.s, look, span{}, u.conclude}
}

func (u Support) conclude(_ question, e evidence.Evidence) Support {
	u.s.t.Helper()
	matched := e.Truth == claim.SawTrue
	e.Truth, e.Supporting = claim.Nothing, true
	u.s.changePoint(u.point, func(entry *evidence.Point) { entry.Evidence = append(entry.Evidence, e) })
	if !matched {
		u.s.markInconclusive("%s", unmet(e))
	}
	return u
}
