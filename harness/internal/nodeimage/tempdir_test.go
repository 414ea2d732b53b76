package nodeimage

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestOnlyTheFoldersOfProcessesThatAreGoneAreRemoved(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("TMPDIR", t.TempDir())
	ended := exec.Command("true")
	g.Expect(ended.Run()).To(Succeed())
	folder := func(pid int) string {
		path := filepath.Join(os.TempDir(), fmt.Sprintf("%s%d-1", tempPrefix, pid))
		g.Expect(os.MkdirAll(path, 0o755)).To(Succeed())
		return path
	}
	ours, dead := folder(os.Getpid()), folder(ended.Process.Pid)
	removeTempDirs()
	g.Expect(ours).To(BeADirectory())
	g.Expect(dead).NotTo(BeADirectory())
}
