package environ

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestCache(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "caches"))
	t.Setenv("HOME", dir) // which macOS uses
	none := func(string) string { return "" }
	cache, err := Cache(none, dir)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(cache).To(HaveSuffix("noteproof"))
	g.Expect(Cache(func(string) string { return "mine" }, dir)).To(Equal(filepath.Join(dir, "mine")))
	entries, err := os.ReadDir(dir)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(entries).To(BeEmpty(), "it is created when there is something to keep")

	file := filepath.Join(dir, "file")
	g.Expect(os.WriteFile(file, nil, 0o600)).To(Succeed())
	_, err = Cache(func(string) string { return file + "/below" }, dir)
	g.Expect(err).To(MatchError(And(ContainSubstring("not a directory"), ContainSubstring("set NOTEPROOF_CACHE to a folder that can be written"))))
}
