package nodeimage

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestAnotherModulesScenariosHaveTheSameNodeImage(t *testing.T) {
	g := NewWithT(t)
	root, err := filepath.Abs("../..")
	g.Expect(err).NotTo(HaveOccurred())
	source := &Source{}
	want, err := source.podroutesInputs(t.Context())
	g.Expect(err).NotTo(HaveOccurred())

	other := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(other, "go.mod"), []byte(`module example.com/notes

go 1.26.0

require `+ownModule+` v0.0.0

replace `+ownModule+` => `+root+"\n"), 0o644)).To(Succeed())
	t.Chdir(other) // as go test does with the other module's tests; it lacks most modules, and all checksums
	g.Expect(source.podroutesInputs(t.Context())).To(Equal(want))

	g.Expect(os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.com/notes\n"), 0o644)).To(Succeed())
	_, err = source.podroutesInputs(t.Context())
	g.Expect(err).To(MatchError(ContainSubstring(ownModule)))
}
