package nodeimage

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestHasTag(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	write := func(name, text string) {
		g.Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)).To(Succeed())
	}
	write("types.go", "package v1\n")
	write("notes.txt", "// +k8s:openapi-gen=true\n")
	g.Expect(hasTag(dir)).To(BeFalse())
	write("doc.go", "// +k8s:openapi-gen=true\npackage v1\n")
	g.Expect(hasTag(dir)).To(BeTrue())
}
