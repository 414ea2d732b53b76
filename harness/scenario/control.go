package scenario

import (
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
)

// Witness shows that the client, the server and the probe of a point work without the mechanism that the point is about. If
// a witness fails, its points are not observed. It is checked again after each answer that rests on an absence or differs
// from the expected one. A witness without any look has failed.
type Witness struct{ *control }

// Contrast is the mechanism that a point is about, used where the answer must be the opposite one. A point that came out as
// expected counts only if its contrast passed too. If a point came out otherwise, the cause may have changed its contrast too.
type Contrast struct{ *control }

// control is what a witness and a contrast have in common.
type control struct {
	s    *S
	says string
	kind evidence.ControlKind
	// why is the reason why there can be no contrast; empty if there is one.
	why string
	// questions are the looks of a witness, which are repeated after an answer.
	questions []question
	// base is the witness that this one needs; nil if it needs none.
	base *control
	// failed is why the first look failed or did not match; empty if all matched.
	failed string
}

// Witness begins a witness. The sentence says what it shows. Its looks are made again behind an absence and behind a contrary
// answer, so they must match whichever way the point comes out. What all points need beforehand is a step.
func (s *S) Witness(says string) Witness { return Witness{s.control(says, evidence.Witness)} }

// And begins a witness for points that need this one and, as the sentence says, more. Unlike a step, which ends the scenario if it is not
// met, it leaves points that need only this one undisturbed.
func (w Witness) And(says string) Witness {
	more := w.s.Witness(says)
	more.base = w.control
	return more
}

// Contrast begins a contrast. The sentence says what it shows. Its looks are not made again.
func (s *S) Contrast(says string) Contrast { return Contrast{s.control(says, evidence.Contrast)} }

// NoContrast declares that a point has no contrast, because the mechanism can give no other answer. The reason is required.
func (s *S) NoContrast(why string) Contrast {
	s.t.Helper()
	if why == "" {
		s.abort("the scenario is wrong: it does not say why a point has no contrast")
	}
	return Contrast{&control{s: s, kind: evidence.Contrast, why: why}}
}

func (s *S) control(says string, kind evidence.ControlKind) *control {
	s.t.Helper()
	duplicate := false
	s.read(func(entry *evidence.Claim) {
		duplicate = slices.ContainsFunc(entry.Control, func(c evidence.Control) bool { return c.Says == says })
	})
	if duplicate {
		s.abort("the scenario is wrong: two controls have the same sentence: %q", says)
	}
	s.change(func(entry *evidence.Claim) {
		entry.Control = append(entry.Control, evidence.Control{Says: says, Kind: kind, Evidence: []evidence.Evidence{}})
	})
	return &control{s: s, says: says, kind: kind}
}

// Eventually looks until the result matches, for at most Timeouts.Step.
func (w Witness) Eventually(look probe.Look) Asked[Witness] {
	return Asked[Witness]{w.s, look, w.span(), w.conclude}
}

// Expect looks once. A look that fails is retried a few times.
func (w Witness) Expect(look probe.Look) Asked[Witness] {
	return Asked[Witness]{w.s, look, span{}, w.conclude}
}

func (w Witness) conclude(q question, e evidence.Evidence) Witness {
	w.questions = append(w.questions, q)
	w.record(e)
	return w
}

// Eventually looks until the result matches, for at most Timeouts.Arrive.
func (c Contrast) Eventually(look probe.Look) Asked[Contrast] {
	return Asked[Contrast]{c.s, look, c.s.arriving(), c.conclude}
}

// Consistently looks for the whole of Timeouts.Stay and until three looks have succeeded. Each look must match.
func (c Contrast) Consistently(look probe.Look) Asked[Contrast] {
	return Asked[Contrast]{c.s, look, c.s.staying(), c.conclude}
}

// Expect looks once. A look that fails is retried a few times.
func (c Contrast) Expect(look probe.Look) Asked[Contrast] {
	return Asked[Contrast]{c.s, look, span{}, c.conclude}
}

func (c Contrast) conclude(_ question, e evidence.Evidence) Contrast {
	c.s.t.Helper()
	if c.why != "" {
		c.s.abort("the scenario is wrong: it looks at a contrast that cannot exist: %s", e.Looked)
	}
	c.record(e)
	return c
}

// span returns how long to look. After a look has failed, the others cannot change that, so one look each is enough. It does
// not hold for a contrast, which must be seen to fall for the whole time before a point may have fallen with it.
func (w Witness) span() span {
	if w.failure() != "" {
		return span{}
	}
	return w.s.preparing()
}

// failure returns why the witness, or one that it needs, failed; empty if none did.
func (w Witness) failure() string {
	for c := w.control; c != nil; c = c.base {
		if c.failed != "" {
			return c.failed
		}
	}
	return ""
}

func (c *control) record(e evidence.Evidence) {
	if e.Truth != claim.SawTrue && c.failed == "" {
		c.failed = unmet(e)
	}
	c.s.change(func(entry *evidence.Claim) {
		i := slices.IndexFunc(entry.Control, func(other evidence.Control) bool { return other.Says == c.says })
		recorded := &entry.Control[i]
		recorded.Passed = e.Truth == claim.SawTrue && (len(recorded.Evidence) == 0 || recorded.Passed)
		recorded.Fell = recorded.Fell || e.Truth == claim.SawFalse
		recorded.Evidence = append(recorded.Evidence, e)
	})
}

// recheck repeats the looks of the witness, and before them those of one that it needs, and returns why one fails now; empty if none does.
// For each it waits for at most Timeouts.Stay, which is short: what works again only later may not have worked while the point was looked at.
func (w Witness) recheck() string {
	if w.base != nil {
		if why := (Witness{w.base}).recheck(); why != "" {
			return why
		}
	}
	for _, q := range w.questions {
		q.span.window = min(q.span.window, w.s.run.Timeouts.Stay)
		e := w.s.ask(q)
		w.record(e)
		if e.Truth != claim.SawTrue {
			return unmet(e)
		}
	}
	return ""
}
