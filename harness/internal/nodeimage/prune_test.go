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

// lay makes a file in the cache that was used last so long ago.
func lay(g Gomega, s *Source, path string, ago time.Duration) {
	whole := filepath.Join(s.Cache, path)
	g.Expect(os.MkdirAll(filepath.Dir(whole), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(whole, nil, 0o644)).To(Succeed())
	at := time.Now().Add(-ago)
	g.Expect(os.Chtimes(whole, at, at)).To(Succeed())
}

// files lists what is in the cache.
func files(g Gomega, s *Source) []string {
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

func TestPruneKeepsWhatIsWorthItsRoom(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	const day = 24 * time.Hour
	keep := []string{
		"go-kubelet/of-one-version", "go-kubelet/of-another", "cc-pause/of-one-version", "debian-node/new", "image-agnhost/new",
		"clusters/noteproof-v1-37-2.lock", "kubeconfig/old", "kubeconfig/new", "engine/containers.conf", "containers.conf",
	}
	for i, path := range keep {
		lay(g, s, path, time.Duration(i)*time.Hour)
	}
	lay(g, s, "kubeconfig/old", 90*day)
	for path, ago := range map[string]time.Duration{
		"go-kubelet/forgotten": 31 * day, "debian-node/old": day, "image-agnhost/old": day,
		"images/new": 0, "store/new": 0, "node-files/new": 0, "tree-kubernetes/new": 0,
		"images/.half-1/out": 0, "gocache/00/00ab": 0, "gomodcache/cache/lock": 0,
	} {
		lay(g, s, path, ago)
	}
	g.Expect(s.Prune(t.Context())).To(Succeed())
	g.Expect(files(g, s)).To(ConsistOf(append(keep, "lock")))
	g.Expect(filepath.Join(s.Cache, goBuildCache)).NotTo(BeADirectory())
	g.Expect(filepath.Join(s.Cache, goModCache)).NotTo(BeADirectory())
}

func TestEveryStepIsKnownToPrune(t *testing.T) {
	g := NewWithT(t)
	sources, err := filepath.Glob("*.go")
	g.Expect(err).NotTo(HaveOccurred())
	found := 0
	for _, source := range sources {
		text, err := os.ReadFile(source)
		g.Expect(err).NotTo(HaveOccurred())
		for _, after := range strings.Split(string(text), `s.cached("`)[1:] {
			step, _, _ := strings.Cut(after, `"`)
			if strings.HasSuffix(source, "_test.go") {
				continue
			}
			found++
			g.Expect(keepingOf(step)).NotTo(Equal(keepAll), "the step %s in %s", step, source)
		}
	}
	g.Expect(found).To(BeNumerically(">", 5))
}

func TestProgramsAreBuiltInCachesOfOurOwn(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	out, err := s.goTool(t.Context(), "", "env", "GOCACHE", "GOMODCACHE")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(strings.Fields(out)).To(HaveExactElements(filepath.Join(s.Cache, goBuildCache), filepath.Join(s.Cache, goModCache)))
}

// storage is an engine that says where its images lie, as podman does.
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

func TestFreeRoomIsKnownWhereTheFolderIs(t *testing.T) {
	g := NewWithT(t)
	free, ok := freeGiB(t.TempDir())
	g.Expect(ok).To(BeTrue())
	g.Expect(free).To(BeNumerically(">", 0))
	_, ok = freeGiB("/no/such/folder")
	g.Expect(ok).To(BeFalse())
}

func TestLittleRoomIsTold(t *testing.T) {
	g := NewWithT(t)
	told := &strings.Builder{}
	dir := t.TempDir()
	s := &Source{Engine: storage("/proc"), Cache: dir, Log: progress.New(told)} // nothing is ever free in /proc
	s.sayRoom(t.Context())
	g.Expect(told.String()).To(MatchRegexp(`only .* GiB are free in `))
}
