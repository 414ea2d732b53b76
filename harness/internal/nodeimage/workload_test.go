package nodeimage

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	. "github.com/onsi/gomega"
)

// entriesOf returns the entries of an image's file system, and its platform.
func entriesOf(t *testing.T, archive string) (entries map[string]*tar.Header, platform string) {
	t.Helper()
	g := NewWithT(t)
	image, err := tarball.ImageFromPath(archive, nil)
	g.Expect(err).NotTo(HaveOccurred())
	config, err := image.ConfigFile()
	g.Expect(err).NotTo(HaveOccurred())
	root := mutate.Extract(image)
	defer root.Close()
	entries = map[string]*tar.Header{}
	for r := tar.NewReader(root); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries, config.OS + "/" + config.Architecture
		}
		g.Expect(err).NotTo(HaveOccurred())
		entries[filepath.Clean(h.Name)] = h
	}
}

func TestWorkloadImage(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	tools := filepath.Join(dir, "a-tool")
	g.Expect(os.WriteFile(tools, []byte("ELF"), 0o755)).To(Succeed())
	s := &Source{Machine: "arm64"}
	archive := filepath.Join(dir, "out")
	files := append(workloadRoot(), append(toolLinks(), program("bin", "tools", tools))...)
	g.Expect(s.writeImages(dir, archive, []containerImage{{Refs: []string{WorkloadImage}, Files: files}})).To(Succeed())

	entries, platform := entriesOf(t, archive)
	g.Expect(platform).To(Equal("linux/arm64"), "that of the engine's machine")
	g.Expect(entries["tmp"].FileInfo().Mode()).To(Equal(os.ModeDir|os.ModeSticky|0o777), "everybody may write to /tmp")
	for _, path := range []string{"etc/passwd", "etc/group", "etc/nsswitch.conf", "proc", "dev"} {
		g.Expect(entries).To(HaveKey(path))
	}
	for _, tool := range []string{"sh", "curl", "ip", "["} {
		g.Expect(entries["bin/"+tool].Linkname).To(Equal("tools"), "the link of "+tool)
	}
	g.Expect(entries["usr/bin"].Linkname).To(Equal("../bin"))
	g.Expect(entries["bin/tools"].FileInfo().Mode().Perm()).To(Equal(os.FileMode(0o755)))
}

func TestPlatformIsTheEnginesMachine(t *testing.T) {
	g := NewWithT(t)
	intel := Source{Machine: "amd64"}
	g.Expect(intel.platform()).To(Equal("linux/amd64"))
	g.Expect(intel.target()).To(ContainElements("GOOS=linux", "GOARCH=amd64", "GOAMD64=v1"))
	intel.Architecture = "arm64"
	g.Expect(intel.platform()).To(Equal("linux/arm64"), "an image for another machine")
	g.Expect((&Source{}).platform()).To(HavePrefix("linux/"), "also on a Mac")

	arm := Source{Machine: "arm64"}
	g.Expect(arm.path(arm.programStep([]goProgram{agnhost()}, "go1.26.0"))).NotTo(Equal(intel.path((&Source{Machine: "amd64"}).programStep([]goProgram{agnhost()}, "go1.26.0"))))
}

func TestContentsHaveNoConstraintsInTheirNames(t *testing.T) {
	g := NewWithT(t)
	g.Expect(contents(embedded)).To(And(HaveKey("podroutes/main.go"), HaveKey("podroutes/plan.go"), Not(HaveKey(HaveSuffix("_test.go")))))
	g.Expect(contents(embeddedTools)).To(And(HaveKey("tools/sh.go"), HaveKey("tools/names.txt"), Not(HaveKey(HaveSuffix("_test.go")))))
}
