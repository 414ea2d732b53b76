package scenario

import (
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
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

// Eventually looks until it comes out as wanted, at most for the deadline of steps.
func (w Witness) Eventually(look probe.Look) Asked[Witness] {
	return Asked[Witness]{w.s, look, w.s.preparing(), w.conclude}
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
