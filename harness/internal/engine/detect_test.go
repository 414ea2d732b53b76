package engine

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/system"
)

// programs puts shell scripts under these names on an otherwise empty PATH.
func programs(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("CONTAINERS_CONF", "")
}

const (
	deadDocker = `echo "Cannot connect to the Docker daemon. Is the docker daemon running?" >&2; exit 1`
	docker     = `echo '{"ServerVersion":"28.2.2","CgroupVersion":"2"}'`
	podman     = `echo '{"host":{"cgroupVersion":"v2"},"version":{"Version":"5.4.2"}}'`
)

func TestDetectSelectsTheFirstThatWorks(t *testing.T) {
	g := NewWithT(t)
	programs(t, map[string]string{"docker": deadDocker, "podman": podman})
	e, err := Detect(t.Context(), Options{Dir: t.TempDir()})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(e.Name()).To(Equal(Podman))
	g.Expect(e.Version()).To(Equal("5.4.2"))
	g.Expect(e.Host().CgroupVersion).To(Equal("v2"))
}

func TestDetectPrefersDockerUnlessAnEngineIsNamed(t *testing.T) {
	g := NewWithT(t)
	programs(t, map[string]string{"docker": docker, "podman": podman})
	e, err := Detect(t.Context(), Options{Dir: t.TempDir()})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(e.Name()).To(Equal(Docker))
	g.Expect(e.Environ()).To(BeEmpty())
	e, err = Detect(t.Context(), Options{Name: Podman, Dir: t.TempDir()})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(e.Name()).To(Equal(Podman))
	_, err = Detect(t.Context(), Options{Name: "lxc"})
	g.Expect(err).To(MatchError(ContainSubstring("is not supported: use docker, podman or nerdctl")))
}

func TestDetectReportsEachEngineThatDoesNotWork(t *testing.T) {
	g := NewWithT(t)
	programs(t, map[string]string{"docker": deadDocker})
	_, err := Detect(t.Context(), Options{})
	g.Expect(err).To(MatchError(And(
		ContainSubstring("docker: `docker info --format '{{json .}}'`: exit status 1: Cannot connect to the Docker daemon"),
		ContainSubstring("what to do: "+system.This().Start(system.Docker)),
		ContainSubstring("podman: not installed"),
		ContainSubstring("what to do: "+system.This().Install(system.Podman)),
		ContainSubstring("nerdctl: not installed"),
	)))
}

func TestRemedyIsOneOfTheUsersSystem(t *testing.T) {
	failed := errors.New("exit status 1")
	fedora := system.Facts{GOOS: "linux", OSRelease: "ID=fedora", Systemd: true}
	for _, test := range []struct {
		name  string
		facts system.Facts
		err   error
		want  string
	}{
		{Docker, fedora, failed, "sudo systemctl start docker; to use it without root: sudo usermod -aG docker $USER, then log in again"},
		{Docker, fedora, errNotInstalled, "sudo dnf install moby-engine"},
		{Podman, fedora, errNotInstalled, "sudo dnf install podman"},
		{Podman, fedora, failed, "its error is above; what it needs: sudo dnf install podman"},
		{Nerdctl, fedora, failed, "sudo systemctl start containerd"},
		{Docker, system.Facts{GOOS: "darwin"}, failed, "open -a Docker"},
		{Podman, system.Facts{GOOS: "darwin"}, failed, "podman machine start (before the first time: podman machine init)"},
	} {
		g := NewWithT(t)
		g.Expect(remedy(system.Of(test.facts), test.name, test.err)).To(Equal(test.want))
	}
}

func TestRunReportsTheCommandAndItsOutput(t *testing.T) {
	g := NewWithT(t)
	programs(t, map[string]string{"podman": `echo half; echo "no such network" >&2; exit 125`})
	e := &Engine{name: Podman, environ: []string{"CONTAINERS_CONF=/a b/c"}}
	_, err := e.Run(t.Context(), "network", "inspect", "two words")
	g.Expect(err).To(MatchError("`CONTAINERS_CONF='/a b/c' podman network inspect 'two words'`: exit status 125: no such network"))
	var exit *exec.ExitError
	g.Expect(errors.As(err, &exit)).To(BeTrue())
}

func TestRunEndsWithItsContext(t *testing.T) {
	g := NewWithT(t)
	programs(t, map[string]string{"podman": `while :; do :; done`})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := (&Engine{name: Podman}).Run(ctx, "ps")
	g.Expect(err).To(MatchError(context.DeadlineExceeded))
}

func TestActivateSetsTheEnvironment(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("CONTAINERS_CONF", "")
	e := &Engine{name: Podman, environ: []string{"CONTAINERS_CONF=/somewhere/containers.conf"}}
	g.Expect(e.Activate()).To(Succeed())
	g.Expect(e.Activate()).To(Succeed())
	g.Expect(os.Getenv("CONTAINERS_CONF")).To(Equal("/somewhere/containers.conf"))
}

func TestSettingsKeepTheUsersSettings(t *testing.T) {
	g := NewWithT(t)
	theirs := filepath.Join(t.TempDir(), "containers.conf")
	g.Expect(os.WriteFile(theirs, []byte("[containers]\nlog_driver = \"journald\"\nannotations = [\"a=b\"]\n[engine]\nruntime = \"crun\"\n[engine.runtimes]\nmine = [\"/opt/mine\"]\n"), 0o644)).To(Succeed())
	t.Setenv("CONTAINERS_CONF", theirs)
	path, err := writeSettings(t.TempDir(), settings{"engine": {"runtime": "runc"}, "containers": {"default_ulimits": []string{"nofile=1:1"}}})
	g.Expect(err).NotTo(HaveOccurred())
	text, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	info, err := os.Stat(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(info.Mode().Perm()).To(Equal(os.FileMode(0o600)), "the user's settings may hold a proxy's password")
	written := settings{}
	g.Expect(written.read(string(text))).To(Succeed())
	g.Expect(written).To(Equal(settings{
		"containers": {"log_driver": "journald", "annotations": []any{"a=b"}, "default_ulimits": []any{"nofile=1:1"}},
		"engine":     {"runtime": "runc", "runtimes": map[string]any{"mine": []any{"/opt/mine"}}},
	}))
	untouched, err := os.ReadFile(theirs)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(untouched)).To(ContainSubstring(`runtime = "crun"`))
}

func TestPrepare(t *testing.T) {
	g := NewWithT(t)
	made := 0
	e := &Engine{obstacles: []obstacle{
		{found: "no modules", fix: "mkdir it", lasting: true, try: func() error { made++; return nil }, tried: "made it"},
		{found: "too few watches", fix: "raise them", lasting: true, try: func() error { return os.ErrPermission }},
		{found: "it drops packets", fix: "accept them", lasting: true},
	}}
	for range 2 {
		g.Expect(e.Prepare(0)).To(MatchError(And(
			ContainSubstring("it drops packets: fix it with `accept them`"),
			ContainSubstring("too few watches: fix it with `raise them`"),
			Not(ContainSubstring("mkdir")),
		)))
	}
	g.Expect(made).To(Equal(1))
	g.Expect(e.Adaptations()).To(HaveLen(1), "reported once")
}
