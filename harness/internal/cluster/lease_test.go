package cluster

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

func TestASecondRunWaitsAndLogsWhoHoldsTheLease(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	var out bytes.Buffer
	first, err := acquire(t.Context(), progress.New(&out), dir, "noteproof-x")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first.write(inUse, "")).To(Succeed())
	g.Expect(out.String()).To(BeEmpty())

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = acquire(ctx, progress.New(&out), dir, "noteproof-x")
	g.Expect(err).To(MatchError(context.DeadlineExceeded))
	g.Expect(out.String()).To(MatchRegexp(`wait for the cluster noteproof-x, used by process \d+ \(.*test.*\) since`))

	_, free, err := tryAcquire(dir, "noteproof-y")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(free).To(BeTrue(), "another name has a lease of its own")

	g.Expect(first.release()).To(Succeed())
	second, err := acquire(t.Context(), nil, dir, "noteproof-x")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(second.read()).To(HaveField("Phase", inUse))
	g.Expect(second.read()).To(HaveField("PID", os.Getpid()))
}

func TestEnginesHaveLeasesOfTheirOwn(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir()) // where a cache folder is below HOME
	for name, info := range map[string]string{
		engine.Docker: `{"ServerVersion":"29.0.0","CgroupVersion":"2"}`,
		engine.Podman: `{"host":{"cgroupVersion":"v2"},"version":{"Version":"5.4.2"}}`,
	} {
		bin := t.TempDir()
		g.Expect(os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho '"+info+"'"), 0o755)).To(Succeed())
		t.Setenv("PATH", bin)
		eng, err := engine.Detect(t.Context(), engine.Options{Name: name, Dir: t.TempDir()})
		g.Expect(err).NotTo(HaveOccurred())
		dir, err := stateDir(eng)
		g.Expect(err).NotTo(HaveOccurred())
		held, free, err := tryAcquire(dir, "noteproof-x")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(free).To(BeTrue(), name)
		t.Cleanup(func() { _ = held.release() })
	}
}
