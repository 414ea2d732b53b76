package probe

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestAFileThatCannotBeLookedForIsNotAbsent(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	g.Expect(os.WriteFile(file, []byte("text"), 0o600)).To(Succeed())
	g.Expect(os.Symlink(filepath.Join(dir, "nothing"), filepath.Join(dir, "dangling"))).To(Succeed())
	for path, want := range map[string]int{
		file:                            0,
		filepath.Join(dir, "missing"):   44,
		filepath.Join(dir, "no", "dir"): 44,
		filepath.Join(file, "below"):    45, // a file is no directory
		filepath.Join(dir, "dangling"):  45,
	} {
		err := exec.CommandContext(t.Context(), "sh", "-c", readFile, path).Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Skipf("this machine has no shell: %v", err)
		}
		code := 0
		if exit != nil {
			code = exit.ExitCode()
		}
		g.Expect(code).To(Equal(want), path)
	}
}
