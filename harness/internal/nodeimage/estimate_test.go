package nodeimage

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

func TestAnEstimateOmitsWhatTheCacheHas(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	_, err := s.cached(step{"go-etcd", "3.7"}, "build etcd", func(out string) error { return os.WriteFile(out, nil, 0o644) })
	g.Expect(err).NotTo(HaveOccurred())

	parts := s.missing([]step{{"go-etcd", "3.7"}, {"go-coredns", nil}, {"store", "of 3.7"}})
	g.Expect(parts).To(Equal(map[string]time.Duration{"go-coredns": usual["go-coredns"], "store": otherStep}))
	g.Expect(s.missing([]step{{"go-etcd", "3.6"}})).To(HaveKey("go-etcd"))
}

func TestAllStepsOfANodeImageAreEstimated(t *testing.T) {
	g := NewWithT(t)
	var names []string
	for _, of := range (&Source{Cache: t.TempDir()}).steps(&build{version: "v1.37.2", goVersion: "go1.26"}) {
		names = append(names, of.name)
	}
	// Those that cached or load begin; tree-kubernetes is within the first program of an old version, the others are of other images.
	known := []string{"go-", "debian-", "tree-kubernetes", "go-tools", "image-agnhost", "image-", "image-pulled-"}
	for _, name := range stepsInSource(g) {
		g.Expect(slices.Concat(names, known)).To(ContainElement(name))
	}
	g.Expect(slices.Sorted(maps.Keys(usual))).To(HaveEach(Or(
		BeElementOf(names), BeElementOf("go-tools", "go-agnhost", "go-metallb-controller"))), "no step has a wrong name")
}

func TestAFailedStepEndsWithTheJob(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	s := &Source{Cache: t.TempDir(), Log: progress.New(&out)}
	end := s.estimate("the node image", []step{{"store", nil}})
	_, err := s.cached(step{"store", "a"}, "import", func(string) error { return errors.New("no space left") })
	end()
	g.Expect(err).To(MatchError(ContainSubstring("no space left")))
	g.Expect(strings.Count(out.String(), "✗")).To(Equal(1))
	g.Expect(filepath.Glob(filepath.Join(s.Cache, "store", "*"))).To(BeEmpty())
}
