package suite

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
)

func TestACorrectionIsInTheLanguageOfTheNotes(t *testing.T) {
	check := func(text string, correction claim.Text) error {
		return Suite{
			Notes:     text,
			Manifests: fstest.MapFS{"pod/x.yaml": {Data: []byte("# pod.x: one\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")}},
			Scenarios: []Scenario{{
				Claim: claim.Claim{ID: "pod.x", Quote: text, Points: []claim.Point{{Says: "so", Expect: claim.False}}, Correction: correction},
				Body:  func(*S) {},
			}},
		}.Check()
	}
	g := NewWithT(t)
	g.Expect(check("English", claim.Text{EN: "not so"})).To(Succeed())
	g.Expect(check("English", claim.Text{})).To(MatchError(ContainSubstring("needs a correction")))
	g.Expect(check("한국어", claim.Text{EN: "not so"})).To(MatchError(ContainSubstring("in the language of the notes")))
	g.Expect(check("한국어", claim.Text{EN: "not so", KO: "아니다"})).To(Succeed())
}

func TestModuleRootIsThatOfTheTests(t *testing.T) {
	root := t.TempDir()
	tests := filepath.Join(root, "proofs", "kubernetes")
	g := NewWithT(t)
	g.Expect(os.MkdirAll(tests, 0o755)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(root, "go.mod"), []byte("module example.com/notes\n"), 0o644)).To(Succeed())
	t.Chdir(tests)
	found, below, err := moduleRoot()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(below).To(Equal("./proofs/kubernetes"))
	g.Expect(filepath.Base(found)).To(Equal(filepath.Base(root)))
}
