package nodeimage

import (
	"compress/gzip"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// headerFor returns the first bytes of an executable.
func headerFor(machine elf.Machine) string {
	header := make([]byte, 64)
	copy(header, elf.ELFMAG)
	binary.LittleEndian.PutUint16(header[18:], uint16(machine))
	return string(header)
}

func TestProgramsOfAnotherArchitectureAreFound(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	arm, intel := filepath.Join(dir, "arm"), filepath.Join(dir, "intel")
	g.Expect(os.WriteFile(arm, []byte(headerFor(elf.EM_AARCH64)), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(intel, []byte(headerFor(elf.EM_X86_64)), 0o755)).To(Succeed())
	layer, mixed := filepath.Join(dir, "layer"), filepath.Join(dir, "mixed")
	files := []file{program("bin", "arm", arm), {Path: "etc/text", Data: "not a program at all"}, {Path: "bin/link", Link: "arm"}, {Path: "empty"}}
	g.Expect(writeLayer(layer, gzip.BestSpeed, files)).To(Succeed())
	g.Expect(writeLayer(mixed, gzip.BestSpeed, append(files, program("usr/bin", "intel", intel)))).To(Succeed())

	s := &Source{Architecture: "arm64"}
	b := &build{pause: arm, podroutes: arm, programs: map[string]string{"kubelet": arm}}
	g.Expect(s.checkMachine(b, layer)).To(Succeed())
	g.Expect(s.checkMachine(b, layer, mixed)).To(MatchError(ContainSubstring("usr/bin/intel is for EM_X86_64, in an image for arm64")))
	b.programs["kubelet"] = intel
	g.Expect(s.checkMachine(b, layer)).To(MatchError(ContainSubstring(intel + " is for EM_X86_64")))
}
