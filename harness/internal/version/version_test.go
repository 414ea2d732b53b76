package version

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"

	. "github.com/onsi/gomega"
)

func TestVersionOf(t *testing.T) {
	g := NewWithT(t)
	g.Expect(versionOf(&debug.Module{Path: Module, Version: "v1.2.3"}, "")).To(Equal("v1.2.3"))
	g.Expect(versionOf(&debug.Module{Path: Module, Version: "v1.2.3", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.2.4"}}, "")).To(Equal("v1.2.4"))

	root := t.TempDir()
	g.Expect(versionOf(&debug.Module{Path: Module, Version: "(devel)"}, root)).To(BeEmpty(), "not a checkout")
	g.Expect(versionOf(&debug.Module{Path: Module}, "")).To(BeEmpty(), "in a workspace, from an unknown folder")
	checkout := filepath.Join(root, "checkout")
	for _, args := range [][]string{
		{"init", "-q", checkout}, {"-C", checkout, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "first"},
	} {
		g.Expect(exec.Command("git", args...).Run()).To(Succeed())
	}
	replaced := &debug.Module{Path: Module, Replace: &debug.Module{Path: "./checkout"}}
	g.Expect(versionOf(replaced, root)).To(MatchRegexp("^[0-9a-f]{12}$"))

	g.Expect(os.WriteFile(filepath.Join(checkout, "a"), nil, 0o644)).To(Succeed())
	g.Expect(exec.Command("git", "-C", checkout, "add", "a").Run()).To(Succeed())
	g.Expect(versionOf(replaced, root)).To(MatchRegexp("^[0-9a-f]{12}-dirty$"))
}

func TestTheFolderOfAWorkspaceIsThatOfThisModule(t *testing.T) {
	g := NewWithT(t)
	if workspace() == "" {
		t.Skip("compiled with -trimpath")
	}
	text, err := os.ReadFile(filepath.Join(workspace(), "go.mod"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).To(HavePrefix("module " + Module + "\n"))
}
