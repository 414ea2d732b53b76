package series

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestListReturnsTheCompilersErrors(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/a\n", "a_test.go": "package a\n\nvar _ int = \"text\"\n"} {
		g.Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)).To(Succeed())
	}
	t.Chdir(dir)
	list, err := List(t.Context(), []string{"."}, []string{"-check"}, "GOWORK=off", "GOFLAGS=")
	g.Expect(list).To(BeEmpty())
	g.Expect(err).To(MatchError(And(ContainSubstring(`a_test.go:3:13: cannot use "text"`), ContainSubstring("[build failed]"), ContainSubstring("-args -check"))))
}
