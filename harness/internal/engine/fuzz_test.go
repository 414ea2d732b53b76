package engine

import (
	"strings"
	"testing"
)

func FuzzInfo(f *testing.F) {
	for _, seed := range []string{`{"ServerVersion":"29.0.0","CgroupVersion":"2"}`, `{"host":{"cgroupVersion":"v1","ociRuntime":{"name":"crun"}},"version":{"Version":"5.4.2"}}`, `{}`, `[]`, ``, `null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, engine := range []string{Docker, Podman, Nerdctl} {
			if got, err := parseInfo(engine, text); err == nil && got.Engine != engine {
				t.Errorf("%s says %q, which is of %q", engine, text, got.Engine)
			}
		}
	})
}

func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"[engine]\nruntime = \"crun\"\n[engine.runtimes]\nmine = [\"/opt/mine\"]\n", "a = 1\n", "[[a]]\n", "[a.b]\nc = 1979-05-27\n", "\x00", "[a]\n[a]\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		theirs := settings{}
		if theirs.read(text) != nil {
			return
		}
		if strings.ContainsAny(text, `"'`) { // the library cannot read all keys that it writes in quotes
			return
		}
		written, err := theirs.toml()
		if err != nil {
			return
		}
		if err := (settings{}).read(written); err != nil {
			t.Errorf("%q is written as %q, which cannot be read: %v", text, written, err)
		}
	})
}
