package lab

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// entryOf is an entry of two points, expected true and false, with these looks and a control that passed.
func entryOf(first, second []claim.Observed) *evidence.Claim {
	entry := newEntry(claim.Claim{
		ID: "pod.x", Quote: "q",
		Points: []claim.Point{{Says: "it runs", Expect: claim.True}, {Says: "it flies", Expect: claim.False}},
	}, claim.Version{Major: 1, Minor: 37}, (&Lab{}).reproduce("pod.x", "v1.37.2"))
	for i, looks := range [][]claim.Observed{first, second} {
		for _, truth := range looks {
			entry.Points[i].Evidence = append(entry.Points[i].Evidence, evidence.Evidence{Looked: "Pods", Wanted: "be ready", Saw: "no Pod", Truth: truth})
		}
	}
	entry.Control = []evidence.Control{{Says: "the probe sees", Passed: true}}
	return entry
}

func TestJudgeAnEntry(t *testing.T) {
	yes, no, nothing := []claim.Observed{claim.SawTrue}, []claim.Observed{claim.SawFalse}, []claim.Observed{claim.Nothing}
	for name, test := range map[string]struct {
		entry   *evidence.Claim
		trouble string
		verdict claim.Verdict
		drift   bool
		reason  string
	}{
		"as expected":          {entryOf(yes, no), "", claim.InPart, false, ""},
		"one drifts":           {entryOf(no, no), "", claim.Refuted, true, "it runs"},
		"one look drifts":      {entryOf(yes, []claim.Observed{claim.SawFalse, claim.SawTrue}), "", claim.InPart, true, "it flies"},
		"not observed":         {entryOf(yes, nil), "", claim.Inconclusive, false, "not observed: it flies"},
		"not to be observed":   {entryOf(yes, nothing), "no exec", claim.Inconclusive, false, "no exec"},
		"drift beats trouble":  {entryOf(no, nothing), "no exec", claim.Inconclusive, true, "it runs"},
		"trouble at the end":   {entryOf(yes, no), "cut off", claim.Inconclusive, false, "cut off"},
		"an exception besides": {entryOf(append(yes, claim.Nothing), no), "", claim.InPart, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			judge(test.entry, test.trouble)
			g.Expect(test.entry.Verdict).To(Equal(test.verdict))
			g.Expect(test.entry.Drift).To(Equal(test.drift))
			g.Expect(test.entry.Reason).To(ContainSubstring(test.reason))
			g.Expect(test.entry.Failed()).To(Equal(test.reason != ""))
		})
	}
}

func TestNoVerdictWithoutAControl(t *testing.T) {
	g := NewWithT(t)
	entry := entryOf([]claim.Observed{claim.SawFalse}, []claim.Observed{claim.SawFalse})
	entry.Control[0].Passed = false
	judge(entry, "")
	g.Expect(entry.Verdict).To(Equal(claim.Inconclusive))
	g.Expect(entry.Drift).To(BeFalse())
	g.Expect(entry.Reason).To(ContainSubstring("the probe sees"))
	entry.Control = nil
	judge(entry, "")
	g.Expect(entry.Verdict).To(Equal(claim.Inconclusive))
	g.Expect(entry.Reason).To(ContainSubstring("no control"))
}

func TestFailureTellsExpectedAndObservedSideBySide(t *testing.T) {
	g := NewWithT(t)
	entry := entryOf([]claim.Observed{claim.SawFalse}, []claim.Observed{claim.SawFalse})
	judge(entry, "")
	g.Expect(sideBySide(entry)).To(And(
		HavePrefix(`pod.x: DRIFT: expected "in part", the verdict is "refuted"`),
		ContainSubstring("✗ point     it runs\n  expected  true\n  observed  false\n  evidence"),
		ContainSubstring("  point     it flies"),
		ContainSubstring(`run again CLAIMS='^pod\.x$' K8S=v1.37.2 go test `)))
}
