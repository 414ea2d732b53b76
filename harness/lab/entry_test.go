package lab

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/verdict"
)

// entryOf returns an entry with two points, expected true and false, each with one look and a witness and no contrast.
func entryOf(first, second claim.Observed) *evidence.Claim {
	entry := newEntry(claim.Claim{
		ID: "pod.x", Quote: "q",
		Points: []*claim.Point{claim.P("it runs", claim.True).KO("실행된다"), claim.P("it flies", claim.False)},
	}, claim.Setting{Version: claim.Version{Major: 1, Minor: 37}}, (&Lab{}).reproduce("pod.x", "v1.37.2"))
	for i, truth := range []claim.Observed{first, second} {
		entry.Points[i].Witnesses, entry.Points[i].NoContrast = []string{"the probe sees"}, "it has one answer"
		entry.Points[i].Evidence = append(entry.Points[i].Evidence, evidence.Evidence{Looked: "Pods", Wanted: "be ready", Saw: "no Pod", Truth: truth})
	}
	entry.Control = []evidence.Control{{Says: "the probe sees", Kind: evidence.Witness, Passed: true}}
	return entry
}

func TestAnEntryHasThePointsInAllLanguages(t *testing.T) {
	entry := entryOf(claim.SawTrue, claim.SawFalse)
	NewWithT(t).Expect(entry.Points[0].Text()).To(Equal(claim.Text{EN: "it runs", KO: "실행된다"}))
}

func TestFailureMessage(t *testing.T) {
	g := NewWithT(t)
	entry := entryOf(claim.SawFalse, claim.SawFalse)
	verdict.Judge(entry, verdict.End{})
	g.Expect(failureMessage(entry)).To(And(
		HavePrefix(`pod.x: DRIFT: expected "in part", the verdict is "refuted"`),
		ContainSubstring("✗ point     it runs\n  expected  true\n  observed  false\n  evidence"),
		ContainSubstring("  point     it flies"),
		ContainSubstring(`run again CLAIMS='^pod\.x$' K8S=v1.37.2 go test `)))
}

func TestAKubeletOlderThanATurn(t *testing.T) {
	g := NewWithT(t)
	at := func(minor int) claim.Version { return claim.Version{Major: 1, Minor: minor} }
	turns := claim.Claim{Points: []*claim.Point{claim.P("it holds", claim.True), claim.P("it turns", claim.TrueFrom("1.33"))}}
	server := claim.Setting{Version: at(34)}
	g.Expect(skew(turns, server, []claim.Version{at(34), at(33)})).To(BeEmpty())
	g.Expect(skew(turns, server, []claim.Version{at(34), at(32)})).To(And(ContainSubstring("v1.34"), ContainSubstring("v1.32"), ContainSubstring("it turns")))
	g.Expect(skew(turns, server, nil)).To(BeEmpty())
}
