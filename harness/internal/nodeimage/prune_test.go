package nodeimage

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
)

// writeCached creates a file in the cache that was last used so long ago.
func writeCached(g Gomega, s *Source, path string, ago time.Duration) {
	full := filepath.Join(s.Cache, path)
	g.Expect(os.MkdirAll(filepath.Dir(full), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(full, nil, 0o644)).To(Succeed())
	at := time.Now().Add(-ago)
	g.Expect(os.Chtimes(full, at, at)).To(Succeed())
}

// cachedFiles lists the files in the cache.
func cachedFiles(g Gomega, s *Source) []string {
	var all []string
	g.Expect(filepath.WalkDir(s.Cache, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(s.Cache, path)
			all = append(all, path)
		}
		return err
	})).To(Succeed())
	return all
}

func TestPrune(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	const day = 24 * time.Hour
	keep := []string{
		"go-kubernetes/of-one-version", "go-kubernetes/of-another", "cc-pause/of-one-version", "debian-node/new", "image-agnhost/new",
		"clusters/noteproof-v1-37-2.lock", "kubeconfig/old", "kubeconfig/new", "engine/containers.conf", "containers.conf",
	}
	for i, path := range keep {
		writeCached(g, s, path, time.Duration(i)*time.Hour)
	}
	writeCached(g, s, "kubeconfig/old", 90*day)
	for path, ago := range map[string]time.Duration{
		"go-kubernetes/forgotten": 31 * day, "debian-node/old": day, "image-agnhost/old": day,
		"images/new": 0, "store/new": 0, "node-files/new": 0, "tree-kubernetes/new": 0,
		"images/.half-1/out": 0, "gocache/00/00ab": 0, "gomodcache/cache/lock": 0,
	} {
		writeCached(g, s, path, ago)
	}
	unlock, err := s.lock(t.Context()) // somebody's build
	g.Expect(err).NotTo(HaveOccurred())
	before := cachedFiles(g, s) // without the unfinished output
	g.Expect(s.Prune(t.Context())).To(Succeed())
	g.Expect(cachedFiles(g, s)).To(ConsistOf(before), "nothing is removed during a build")
	unlock()

	g.Expect(s.Prune(t.Context())).To(Succeed())
	g.Expect(cachedFiles(g, s)).To(ConsistOf(append(keep, "lock")))
	g.Expect(filepath.Join(s.Cache, goBuildCache)).NotTo(BeADirectory())
	g.Expect(filepath.Join(s.Cache, goModCache)).NotTo(BeADirectory())
}

func TestTheGoBuildCacheIsBounded(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	g.Expect(s.boundGoCache(0)).To(Succeed(), "there is none yet")
	file := filepath.Join(s.Cache, goBuildCache, "00", "00ab")
	g.Expect(os.MkdirAll(filepath.Dir(file), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(file, make([]byte, 100), 0o644)).To(Succeed())
	g.Expect(s.boundGoCache(100)).To(Succeed())
	g.Expect(file).To(BeAnExistingFile())
	g.Expect(s.boundGoCache(99)).To(Succeed())
	g.Expect(filepath.Join(s.Cache, goBuildCache)).NotTo(BeADirectory())
	g.Expect(s.Cache).To(BeADirectory())
}

func TestEveryStepHasARetention(t *testing.T) {
	g := NewWithT(t)
	for _, name := range stepsInSource(g) {
		g.Expect(retentionOf(name)).NotTo(Equal(keepAll), "the step %s", name)
	}
}

// stepsInSource returns the names of the steps in this package's source, as far as they are literals.
func stepsInSource(g *WithT) []string {
	sources, err := filepath.Glob("*.go")
	g.Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		text, err := os.ReadFile(source)
		g.Expect(err).NotTo(HaveOccurred())
		for _, after := range strings.Split(string(text), `step{"`)[1:] {
			name, _, _ := strings.Cut(after, `"`)
			names = append(names, name)
		}
	}
	g.Expect(len(names)).To(BeNumerically(">", 5))
	return names
}

func TestGoToolUsesCachesOfItsOwn(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	out, err := s.goTool(t.Context(), "", "env", "GOCACHE", "GOMODCACHE")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(strings.Fields(out)).To(HaveExactElements(filepath.Join(s.Cache, goBuildCache), filepath.Join(s.Cache, goModCache)))
}

// storage is an engine that reports the folder of its images, as podman does.
type storage string

func (storage) Command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "false", args...)
}

func (s storage) Run(_ context.Context, args ...string) (string, error) {
	if !slices.Contains(args, "{{.Store.GraphRoot}}") {
		return "", fmt.Errorf("can't evaluate %v", args)
	}
	return string(s) + "\n", nil
}

func TestFreeGiB(t *testing.T) {
	g := NewWithT(t)
	free, ok := freeGiB(t.TempDir())
	g.Expect(ok).To(BeTrue())
	g.Expect(free).To(BeNumerically(">", 0))
	_, ok = freeGiB("/no/such/folder")
	g.Expect(ok).To(BeFalse())
}

func TestWarnLowDisk(t *testing.T) {
	g := NewWithT(t)
	out := &strings.Builder{}
	dir := t.TempDir()
	s := &Source{Engine: storage("/proc"), Cache: dir, Log: progress.New(out)} // nothing is ever free in /proc
	s.warnLowDisk(t.Context())
	g.Expect(out.String()).To(MatchRegexp(`only .* GiB are free in `))
}
