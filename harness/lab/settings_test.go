package lab

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestLeaveIsGivenByItsNameAlone(t *testing.T) {
	g := NewWithT(t)
	given := func(text string) (map[leave]bool, error) {
		s, err := readSettings(func(name string) string {
			return map[string]string{"NOTEPROOF_LEAVE": text, "NOTEPROOF_CACHE": "cache", "NOTEPROOF_OUT": "out"}[name]
		})
		return s.leave, err
	}
	g.Expect(given("")).To(BeEmpty())
	g.Expect(given("break-nodes")).To(Equal(map[leave]bool{toBreakNodes: true}))
	g.Expect(given("change-cluster, break-nodes")).To(Equal(map[leave]bool{toBreakNodes: true, toChangeCluster: true}))
	for _, text := range []string{"1", "all", "break-nodes,yes"} {
		_, err := given(text)
		g.Expect(err).To(MatchError(And(ContainSubstring("NOTEPROOF_LEAVE"), ContainSubstring("want change-cluster, break-nodes"))), text)
	}
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
