package engine

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestWithSystemFolders(t *testing.T) {
	g := NewWithT(t)
	users, systems := t.TempDir(), t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(systems, "iptables"), []byte("#!/bin/sh\n"), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(systems, "nft"), nil, 0o644)).To(Succeed())

	path := withSystemFolders(users, []string{systems, filepath.Join(systems, "missing")})
	g.Expect(path).To(Equal(users + ":" + systems))
	g.Expect(withSystemFolders(path, []string{systems})).To(Equal(path), "no folder is added twice")

	g.Expect(lookUp(path, "iptables")).To(Equal(filepath.Join(systems, "iptables")))
	for _, program := range []string{"nft", "runc"} {
		_, err := lookUp(path, program)
		g.Expect(err).To(MatchError(ContainSubstring("not found")), program)
	}
	_, err := lookUp(users, "iptables")
	g.Expect(err).To(HaveOccurred())
}
