package nodeimage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gofrs/flock"
	. "github.com/onsi/gomega"
)

func TestHashFollowsItsInputs(t *testing.T) {
	g := NewWithT(t)
	inputs := func(change func(*goProgram)) string {
		p := kubernetesProgram("kubelet", DefaultVersion, "cmd/kubelet", recipeFor(DefaultVersion))
		change(&p)
		return hash([]any{p, "go1.26.0"})
	}
	same := inputs(func(*goProgram) {})
	g.Expect(inputs(func(*goProgram) {})).To(Equal(same))
	g.Expect(inputs(func(p *goProgram) { p.Version = "v1.37.1" })).NotTo(Equal(same))
	g.Expect(inputs(func(p *goProgram) { p.LDFlags = append(p.LDFlags, "-checklinkname=0") })).NotTo(Equal(same))
	g.Expect(inputs(func(p *goProgram) { p.Tags = "no_zfs" })).NotTo(Equal(same))
	g.Expect(hash(nodeDebian())).NotTo(Equal(hash(baseDebian())))
	g.Expect(hash(runtimePrograms())).To(Equal(hash(runtimePrograms())))
}

func TestAStepRunsOnceForEqualInputs(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	ran := 0
	step := func(inputs string) string {
		path, err := s.cached(step{"step", inputs}, "make it", func(out string) error {
			ran++
			return os.WriteFile(out, []byte(inputs), 0o644)
		})
		g.Expect(err).NotTo(HaveOccurred())
		return path
	}
	first := step("a")
	g.Expect(step("a")).To(Equal(first))
	g.Expect(ran).To(Equal(1))
	g.Expect(step("b")).NotTo(Equal(first))
	g.Expect(os.ReadFile(first)).To(BeEquivalentTo("a"))
}

func TestAFailedStepLeavesNoOutput(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	_, err := s.cached(step{"step", "a"}, "make it", func(out string) error {
		g.Expect(os.WriteFile(out, []byte("part"), 0o644)).To(Succeed())
		return errors.New("it broke")
	})
	g.Expect(err).To(MatchError("make it: it broke"))
	left, err := filepath.Glob(filepath.Join(s.Cache, "step", "*"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(left).To(BeEmpty())
}

func TestOutputsThatArePresentWaitForNoOtherBuild(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	var locked []bool
	build := func(s *Source) error {
		_, err := s.cached(step{"step", "a"}, "make it", func(out string) error {
			other := flock.New(filepath.Join(s.Cache, "lock"))
			free, err := other.TryLock()
			g.Expect(err).NotTo(HaveOccurred())
			locked = append(locked, !free)
			return os.WriteFile(out, nil, 0o644)
		})
		return err
	}
	g.Expect(s.whenMissing(t.Context(), build)).To(Succeed())
	g.Expect(locked).To(Equal([]bool{true}), "made once, with the lock")

	unlock, err := s.lock(t.Context()) // somebody's build
	g.Expect(err).NotTo(HaveOccurred())
	defer unlock()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	g.Expect(s.whenMissing(ended, build)).To(Succeed(), "nothing is missing")
	g.Expect(s.whenMissing(ended, func(s *Source) error {
		_, err := s.cached(step{"step", "b"}, "make it", func(string) error { return nil })
		return err
	})).To(MatchError(context.Canceled), "it would wait")
}

func TestLockRemovesUnfinishedOutputs(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	tmp := filepath.Join(s.Cache, "step", tmpPrefix+"123")
	g.Expect(os.MkdirAll(tmp, 0o755)).To(Succeed())
	archive := filepath.Join(s.Cache, tmpPrefix+"node-123")
	g.Expect(os.WriteFile(archive, nil, 0o644)).To(Succeed())
	unlock, err := s.lock(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	defer unlock()
	g.Expect(tmp).NotTo(BeADirectory())
	g.Expect(archive).NotTo(BeAnExistingFile())
}

func TestTheErrorOfACommandShowsItForPasting(t *testing.T) {
	_, err := command{Dir: "/", Env: []string{"A=b c"}, Args: []string{"sh", "-c", "echo it is broken >&2; exit 3"}}.run(t.Context())
	NewWithT(t).Expect(err).To(MatchError(And(
		ContainSubstring("exit status 3"),
		ContainSubstring(`cd / && A='b c' sh -c 'echo it is broken >&2; exit 3'`),
		ContainSubstring("it is broken"))))
}
