package atomicfile_test

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/atomicfile"
)

func TestWriteUsesNoOtherFolder(t *testing.T) {
	g := NewWithT(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	before, err := os.Stat(temporary)
	g.Expect(err).NotTo(HaveOccurred())
	path := filepath.Join(t.TempDir(), "record.json")
	for _, content := range []string{"old", "new"} {
		g.Expect(atomicfile.Write(path, []byte(content), 0o644)).To(Succeed())
		g.Expect(os.ReadFile(path)).To(BeEquivalentTo(content))
	}
	after, err := os.Stat(temporary)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(after.ModTime()).To(Equal(before.ModTime()), "nothing was created there, not even for a moment")
	g.Expect(os.ReadDir(filepath.Dir(path))).To(HaveLen(1))
}
