package progress

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

// notAllowed is the exit status of a child that may not duplicate its parent's file descriptor.
const notAllowed = 77

// TestALogKeepsEveryLine runs itself as a parent, whose output goes to a file, and as its child, which logs to the same file.
func TestALogKeepsEveryLine(t *testing.T) {
	again := exec.Command(os.Args[0], "-test.run=^TestALogKeepsEveryLine$")
	run := func(role string) {
		again.Env = append(os.Environ(), "PROGRESS_TEST="+role)
		err := again.Run()
		if again.ProcessState.ExitCode() == notAllowed && role == "child" {
			os.Exit(notAllowed)
		}
		if again.ProcessState.ExitCode() == notAllowed {
			t.Skip("this system does not allow processes to duplicate a file descriptor of their parent (Yama's ptrace_scope)")
		}
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
	}
	switch os.Getenv("PROGRESS_TEST") {
	case "parent":
		fmt.Fprintln(os.Stderr, "parent: first")
		run("child")
		fmt.Fprintln(os.Stderr, "parent: last")
	case "child":
		if _, err := duplicate(os.Getppid(), 2); errors.Is(err, unix.EPERM) {
			os.Exit(notAllowed)
		}
		fmt.Fprintln(Terminal(), "child")
	default:
		g := NewWithT(t)
		path := filepath.Join(t.TempDir(), "run.log")
		log, err := os.Create(path)
		g.Expect(err).NotTo(HaveOccurred())
		defer log.Close()
		again.Stderr = log
		run("parent")
		g.Expect(os.ReadFile(path)).To(BeEquivalentTo("parent: first\nchild\nparent: last\n"))
	}
}
