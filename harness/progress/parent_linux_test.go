package progress

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// TestALogKeepsEveryLine starts this test again as a parent, whose output goes to a file, and as its child, which logs past it.
func TestALogKeepsEveryLine(t *testing.T) {
	g := NewWithT(t)
	switch again := exec.Command(os.Args[0], "-test.run=^TestALogKeepsEveryLine$"); os.Getenv("PROGRESS_TEST") {
	case "parent":
		fmt.Fprintln(os.Stderr, "parent: first")
		again.Env = append(os.Environ(), "PROGRESS_TEST=child")
		g.Expect(again.Run()).To(Succeed())
		fmt.Fprintln(os.Stderr, "parent: last")
	case "child":
		fmt.Fprintln(Terminal(), "child")
	default:
		path := filepath.Join(t.TempDir(), "run.log")
		log, err := os.Create(path)
		g.Expect(err).NotTo(HaveOccurred())
		defer log.Close()
		again.Env, again.Stderr = append(os.Environ(), "PROGRESS_TEST=parent"), log
		g.Expect(again.Run()).To(Succeed())
		g.Expect(os.ReadFile(path)).To(BeEquivalentTo("parent: first\nchild\nparent: last\n"))
	}
}
