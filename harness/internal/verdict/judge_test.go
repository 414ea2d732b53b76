package verdict_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/verdict"
)

const yes, no, nothing = claim.SawTrue, claim.SawFalse, claim.Nothing

func seen(truths ...claim.Observed) []evidence.Evidence {
	var all []evidence.Evidence
	for _, truth := range truths {
		e := evidence.Evidence{Looked: "Pods", Saw: "no Pod", Truth: truth}
		if truth == nothing {
			e.Why = "neither answer was seen"
		}
		all = append(all, e)
	}
	return all
}

// entryOf is an entry of two points, expected true and false, with a witness and a contrast that passed.
func entryOf(first, second []evidence.Evidence) *evidence.Claim {
	point := func(says string, expected bool, e []evidence.Evidence) evidence.Point {
		return evidence.Point{Says: says, Expected: expected, Evidence: e, Witnesses: []string{"it serves"}, Contrasts: []string{"elsewhere it does not"}}
	}
	return &evidence.Claim{
		ID:     "pod.x",
		Points: []evidence.Point{point("it runs", true, first), point("it flies", false, second)},
		Control: []evidence.Control{
			{Says: "it serves", Kind: evidence.Witness, Passed: true, Evidence: seen(yes)},
			{Says: "elsewhere it does not", Kind: evidence.Contrast, Passed: true, Evidence: seen(yes)},
		},
	}
}

func TestJudge(t *testing.T) {
	witness := func(e *evidence.Claim) { e.Control[0].Passed, e.Control[0].Evidence = false, seen(nothing) }
	fell := func(e *evidence.Claim) {
		e.Control[1].Passed, e.Control[1].Fell, e.Control[1].Evidence = false, true, seen(no)
	}
	blindContrast := func(e *evidence.Claim) { e.Control[1].Passed, e.Control[1].Evidence = false, seen(nothing) }
	supporting := append(seen(yes), evidence.Evidence{Truth: nothing, Supporting: true})
	for name, c := range map[string]struct {
		entry   *evidence.Claim
		change  func(*evidence.Claim)
		trouble string
		unmet   string
		verdict claim.Verdict
		drift   bool
		reason  string
	}{
		"as expected":                        {entryOf(seen(yes), seen(no)), nil, "", "", claim.InPart, false, ""},
		"one drifts":                         {entryOf(seen(no), seen(no)), nil, "", "", claim.Refuted, true, "observed other than expected: it runs"},
		"one of two drifts":                  {entryOf(seen(yes), seen(no, yes)), nil, "", "", claim.Holds, true, "it flies"},
		"one look shows the contrary":        {entryOf(seen(yes, no), seen(no)), nil, "", "", claim.Refuted, true, "it runs"},
		"never looked at":                    {entryOf(seen(yes), nil), nil, "", "", claim.Inconclusive, false, `not observed: "it flies": it was not observed`},
		"one look shows nothing":             {entryOf(seen(yes, nothing), seen(no)), nil, "", "", claim.Inconclusive, false, `"it runs": Pods: neither answer was seen`},
		"an earlier look shows nothing":      {entryOf(seen(nothing, yes), seen(no)), nil, "", "", claim.Inconclusive, false, `"it runs": Pods: neither answer was seen`},
		"a supporting look decides nothing":  {entryOf(supporting, seen(no)), nil, "", "", claim.InPart, false, ""},
		"trouble before drift":               {entryOf(seen(no), seen(no)), nil, "cut off", "", claim.Inconclusive, false, "cut off"},
		"trouble before an expected answer":  {entryOf(seen(yes), seen(no)), nil, "cut off", "", claim.Inconclusive, false, "cut off"},
		"a step failed after a drift":        {entryOf(seen(no), nil), nil, "", "never bound", claim.Inconclusive, true, "other than expected: it runs; the scenario then ended: never bound"},
		"a step failed":                      {entryOf(seen(yes), nil), nil, "", "never bound", claim.Inconclusive, false, "never bound"},
		"trouble before a failed step":       {entryOf(seen(no), nil), nil, "cut off", "never bound", claim.Inconclusive, false, "cut off"},
		"the witness failed":                 {entryOf(seen(yes), seen(no)), witness, "", "", claim.Inconclusive, false, "the witness failed, so nothing follows from the probe: it serves: neither answer was seen"},
		"the witness failed before a look":   {entryOf(nil, seen(no)), witness, "", "", claim.Inconclusive, false, `"it runs": the witness failed`},
		"one drifts and one shows nothing":   {entryOf(seen(no), nil), nil, "", "", claim.Inconclusive, true, "observed other than expected: it runs"},
		"the witness failed under a drift":   {entryOf(seen(no), seen(no)), witness, "", "", claim.Inconclusive, false, "the witness failed"},
		"the contrast is the same":           {entryOf(seen(yes), seen(no)), fell, "", "", claim.Inconclusive, false, "the contrast came out the same way, so the probe does not distinguish the two answers: elsewhere it does not: no Pod"},
		"the contrast fell with the point":   {entryOf(seen(no), seen(yes)), fell, "", "", claim.InPart, true, "it runs (its contrast fell with it: elsewhere it does not)"},
		"the contrast could not be observed": {entryOf(seen(no), seen(yes)), blindContrast, "", "", claim.Inconclusive, false, "the contrast could not be observed: elsewhere it does not"},
		"the contrast was never tried":       {entryOf(seen(yes), seen(no)), func(e *evidence.Claim) { e.Control[1].Evidence = nil }, "", "", claim.Inconclusive, false, "the contrast was never tried"},
		"no witness":                         {entryOf(seen(yes), seen(no)), func(e *evidence.Claim) { e.Points[0].Witnesses = nil }, "", "", claim.Inconclusive, false, "it has no witness"},
		"no contrast":                        {entryOf(seen(yes), seen(no)), func(e *evidence.Claim) { e.Points[0].Contrasts = nil }, "", "", claim.Inconclusive, false, "it has no contrast"},
		"no contrast can exist":              {entryOf(seen(yes), seen(no)), func(e *evidence.Claim) { e.Points[0].Contrasts, e.Points[0].NoContrast = nil, "it has one answer" }, "", "", claim.InPart, false, ""},
		"a failed witness of no point": {entryOf(seen(yes), seen(no)), func(e *evidence.Claim) {
			e.Control = append(e.Control, evidence.Control{Says: "another", Kind: evidence.Witness})
		}, "", "", claim.InPart, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			if c.change != nil {
				c.change(c.entry)
			}
			verdict.Judge(c.entry, verdict.End{Trouble: c.trouble, Unmet: c.unmet})
			g.Expect(c.entry.Verdict).To(Equal(c.verdict))
			g.Expect(c.entry.Drift).To(Equal(c.drift))
			g.Expect(c.entry.Reason).To(ContainSubstring(c.reason))
			g.Expect(c.entry.Failed()).To(Equal(c.reason != ""), c.entry.Reason)
		})
	}
}

func TestAWitnessThatWasNeverTried(t *testing.T) {
	g := NewWithT(t)
	entry := entryOf(seen(yes), seen(no))
	entry.Control[0].Passed, entry.Control[0].Evidence = false, nil
	verdict.Judge(entry, verdict.End{})
	g.Expect(entry.Reason).To(ContainSubstring("it serves: it was never tried"))
}

func TestAClaimThatAnAlteredPodCannotShowIsNotRun(t *testing.T) {
	g := NewWithT(t)
	judge := func(entry *evidence.Claim) *evidence.Claim {
		verdict.Judge(entry, verdict.End{Added: "a container is injected into Pods: proxy"})
		return entry
	}
	silent := judge(entryOf(seen(yes), nil))
	g.Expect(silent.Verdict).To(Equal(claim.NotRun))
	g.Expect(silent.Reason).To(Equal(`this cluster cannot show it: a container is injected into Pods: proxy; not observed: "it flies": it was not observed`))
	g.Expect(judge(entryOf(seen(yes), seen(no))).Verdict).To(Equal(claim.InPart))
	g.Expect(judge(entryOf(seen(no), seen(no))).Drift).To(BeTrue())
}
