package nodeimage

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/system"
)

func TestMissingBuildersAreNamedWithTheSystemsRemedy(t *testing.T) {
	both := []system.Program{system.Compiler, system.Mmdebstrap}
	for _, test := range []struct {
		name  string
		facts system.Facts
		has   []system.Program
		want  []string // empty: nothing is missing
	}{
		{"Debian with both", system.Facts{GOOS: "linux", OSRelease: "ID=debian"}, both, nil},
		{"Ubuntu without mmdebstrap", system.Facts{GOOS: "linux", OSRelease: "ID=ubuntu\nID_LIKE=debian"}, both[:1],
			[]string{"mmdebstrap is missing: sudo apt-get install mmdebstrap debian-archive-keyring", "NOTEPROOF_REGISTRY", "bundle load"}},
		{"Fedora without both", system.Facts{GOOS: "linux", OSRelease: "ID=fedora"}, nil,
			[]string{"cc is missing: sudo dnf install gcc glibc-static\n", "mmdebstrap is missing: sudo dnf install mmdebstrap"}},
		{"Arch", system.Facts{GOOS: "linux", OSRelease: "ID=arch"}, nil,
			[]string{"cc is missing: sudo pacman -S gcc\n", "mmdebstrap is missing: this system has no package of it", "NOTEPROOF_NODE_IMAGE"}},
		{"macOS", system.Facts{GOOS: "darwin"}, both, []string{"on Linux only", "NOTEPROOF_REGISTRY", "NOTEPROOF_NODE_IMAGE", "noteproof bundle load"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			b := builder{test.facts.GOOS, system.Of(test.facts), func(p system.Program) bool { return slices.Contains(test.has, p) }}
			err := b.missing(both)
			if test.want == nil {
				g.Expect(err).NotTo(HaveOccurred())
			}
			for _, words := range test.want {
				g.Expect(err).To(MatchError(ContainSubstring(words)))
			}
		})
	}
}

func TestABuildNeedsNoProgramForWhatTheCacheHas(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir()}
	b := &build{version: "v1.37.2"}
	g.Expect(s.needed(b)).To(Equal([]system.Program{system.Compiler, system.Mmdebstrap}))
	for _, of := range []step{s.pauseStep(b.version), s.rootfsStep(nodeDebian())} {
		g.Expect(os.MkdirAll(filepath.Dir(s.path(of)), 0o755)).To(Succeed())
		g.Expect(os.WriteFile(s.path(of), nil, 0o644)).To(Succeed())
	}
	g.Expect(s.needed(b)).To(Equal([]system.Program{system.Mmdebstrap}), "for the base")
}

func TestABuildForAnotherArchitectureNeedsACompilerForIt(t *testing.T) {
	g := NewWithT(t)
	s := &Source{Cache: t.TempDir(), Machine: runtime.GOARCH, Architecture: "arm64"}
	compiler := system.CompilerForARM
	if runtime.GOARCH == "arm64" {
		s.Architecture, compiler = "amd64", system.CompilerForAMD
	}
	g.Expect(s.needed(&build{version: "v1.37.2"})).To(Equal([]system.Program{compiler, system.Mmdebstrap, system.ArchTest}))
	g.Expect(s.foreign()).To(Equal("-"+s.Architecture), "the tag does not hide an image for this machine")
}
