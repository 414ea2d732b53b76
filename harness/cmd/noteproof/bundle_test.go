package main

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestWrongCommandLinesOfBundles(t *testing.T) {
	f := newField(t)
	NewWithT(t).Expect(os.WriteFile(filepath.Join(f.bin, "docker"), []byte(fakeDocker), 0o755)).To(Succeed())
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no version":      {[]string{"save"}, 2, "name the versions to save, such as v1.37.2"},
		"a wrong version": {[]string{"save", "latest"}, 2, "not a Kubernetes version"},
		"no file":         {[]string{"load"}, 2, "name one file, which noteproof bundle save wrote"},
		"two files":       {[]string{"load", "a", "b"}, 2, "name one file"},
		"a missing file":  {[]string{"load", "a.tar.zst"}, 2, "the bundle a.tar.zst: open a.tar.zst: no such file or directory"},
		"not a bundle":    {[]string{"load", "go.mod"}, 2, "it is not a bundle, as noteproof bundle save writes it"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			cmd, output := f.noteproof(nil, append([]string{"bundle"}, c.args...)...)
			g.Expect(exitStatus(cmd.Run())).To(Equal(c.status), output.String())
			g.Expect(output.String()).To(ContainSubstring(c.says))
		})
	}
}

func TestVersionsAreSavedOnce(t *testing.T) {
	NewWithT(t).Expect(unique([]string{"v1.37.2+ipvs", "v1.36.4", "v1.37.2"})).To(Equal([]string{"v1.37.2", "v1.36.4"}))
}
