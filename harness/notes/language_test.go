package notes_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/notes"
)

func TestNotesAreAnnotatedInTheirOwnLanguage(t *testing.T) {
	record := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{{
		ID: "label.long", Quote: "A label has any length.", Verdict: claim.Refuted, Expected: claim.Holds, Drift: true,
		Correction: claim.Text{EN: "At most 63 characters.", KO: "최대 63자이다."},
		Points:     []evidence.Point{{Says: "any length", SaysKO: "길이 제한이 없다", Observed: claim.SawFalse}},
	}}}
	english := notes.Parse("A label has any length.\n")
	g := NewWithT(t)
	g.Expect(english.File()).To(Equal("notes.en.md"))
	g.Expect(notes.Annotate(english, record)).To(Equal(`# Verdicts on the notes: Kubernetes v1.37.2

Of 1 claims, 1 were tested on a real cluster: ❌ refuted: 1.

⚠️ Not as expected: 1.

---


A label has any length.

  - ❌ **refuted** ` + "`label.long`" + ` ⚠️ not as expected (expected: holds)
    - false: any length
    - **Rather:** At most 63 characters.

`))
	korean := notes.Parse("A label has any length.\n라벨\n")
	g.Expect(korean.File()).To(Equal("notes.ko.md"))
	g.Expect(notes.Annotate(korean, record)).To(And(ContainSubstring("**정정:** 최대 63자이다."), Not(ContainSubstring("63 characters")),
		ContainSubstring("거짓: 길이 제한이 없다"), Not(ContainSubstring("거짓: any length"))))

	// A record of an earlier version has no points in Korean.
	record.Claims[0].Points[0].SaysKO = ""
	g.Expect(notes.Annotate(korean, record)).To(ContainSubstring("거짓: any length"))
}
