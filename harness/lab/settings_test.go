package lab

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/scenario"
)

func TestOnlyKnownPermissionsAreAccepted(t *testing.T) {
	g := NewWithT(t)
	given := func(text string) (environ.Permissions, error) {
		s, err := readSettings(func(name string) string {
			return map[string]string{"NOTEPROOF_ALLOW": text, "NOTEPROOF_CACHE": "cache", "NOTEPROOF_OUT": "out"}[name]
		})
		return s.allowed, err
	}
	g.Expect(given("")).To(BeEmpty())
	g.Expect(given("break-nodes")).To(Equal(environ.Permissions{environ.BreakNodes: true}))
	g.Expect(given("change-cluster, break-nodes")).To(Equal(environ.Permissions{environ.BreakNodes: true, environ.ChangeCluster: true}))
	for _, text := range []string{"1", "all", "break-nodes,yes"} {
		_, err := given(text)
		g.Expect(err).To(MatchError(And(ContainSubstring("NOTEPROOF_ALLOW"), ContainSubstring("want some of cluster-objects node-labels"))), text)
	}
}

func TestAnOldNameOfAVariableWorksWithANotice(t *testing.T) {
	g := NewWithT(t)
	read := func(variables map[string]string) settings {
		s, err := readSettings(func(name string) string { return variables[name] })
		g.Expect(err).NotTo(HaveOccurred())
		return s
	}
	old := read(map[string]string{"NOTEPROOF_LEAVE": "break-nodes", "NOTEPROOF_PATIENCE": "2"})
	g.Expect(old.permissions()).To(Equal("break-nodes"))
	g.Expect(old.timeouts).To(Equal(scenario.DefaultTimeouts().Scaled(2)))
	g.Expect(old.notices).To(ConsistOf(HavePrefix("NOTEPROOF_LEAVE is called NOTEPROOF_ALLOW now"), HavePrefix("NOTEPROOF_PATIENCE is called NOTEPROOF_TIMEOUT_FACTOR now")))
	both := read(map[string]string{"NOTEPROOF_LEAVE": "break-nodes", "NOTEPROOF_ALLOW": "change-cluster"})
	g.Expect(both.permissions()).To(Equal("change-cluster"), "the new name counts")
	g.Expect(both.notices).To(BeEmpty())
}

func TestOffIsOff(t *testing.T) {
	g := NewWithT(t)
	read := func(value string) (settings, error) {
		return readSettings(func(name string) string { return map[string]string{"KEEP": value, "SABOTAGE": value}[name] })
	}
	off, err := read("false")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(off.keep).To(Equal(environ.KeepNever))
	g.Expect(off.sabotage).To(BeFalse())
	on, err := read("yes")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(on.keep).To(Equal(environ.KeepAlways))
	g.Expect(on.sabotage).To(BeTrue())
	_, err = read("maybe")
	g.Expect(err).To(MatchError(ContainSubstring(`KEEP="maybe"`)))
}

func TestPathsAreRelativeToTheCommandsWorkingDirectory(t *testing.T) {
	g := NewWithT(t)
	cache := filepath.Join(t.TempDir(), "cache")
	g.Expect(callerDir("/elsewhere")).To(Or(BeADirectory(), Equal("/elsewhere")), "the working directory of the go command")
	s, err := readSettings(func(name string) string {
		return map[string]string{"KUBECONFIG_FILE": "a.yaml:/b.yaml", "NOTEPROOF_OUT": "reports", "NOTEPROOF_CACHE": cache}[name]
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.kubeconfig).To(Equal(filepath.Join(s.workingDir, "a.yaml") + ":/b.yaml"))
	g.Expect(s.out).To(Equal(filepath.Join(s.workingDir, "reports")))
	g.Expect(s.cache).To(Equal(cache))
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

func TestKindsVariableChoosesTheEngine(t *testing.T) {
	g := NewWithT(t)
	engine := func(variables map[string]string) string {
		s, err := readSettings(func(name string) string { return variables[name] })
		g.Expect(err).NotTo(HaveOccurred())
		return s.engine
	}
	g.Expect(engine(map[string]string{"KIND_EXPERIMENTAL_PROVIDER": "podman"})).To(Equal("podman"))
	g.Expect(engine(map[string]string{"KIND_EXPERIMENTAL_PROVIDER": "podman", "NOTEPROOF_ENGINE": "docker"})).To(Equal("docker"))
}
