package nodeimage

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
)

func FuzzCheckVersion(f *testing.F) {
	for _, seed := range []string{"", "1.37", "v1.37.2", "v1.37.2+nftables", "+ipv6", "v1.38.0-alpha.1", "../..", "v1.37.2\n", "1.37.x", "99.1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, version string) {
		if CheckVersion(version) != nil {
			return
		}
		if strings.ContainsAny(version, "/\\ \n\x00") || strings.Contains(version, "..") {
			t.Errorf("%q is no part of a path", version)
		}
		exact, err := resolve([]string{version}, func(minors []string) (map[string]string, error) {
			newest := map[string]string{}
			for _, minor := range minors {
				newest[minor] = minor + ".9"
			}
			return newest, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := resolve(exact, nil); err != nil || again[0] != exact[0] {
			t.Errorf("%q is %q, which is %q (%v)", version, exact, again, err)
		}
	})
}

func FuzzParseRegistries(f *testing.F) {
	for _, seed := range []string{"", "localhost:5000/mirror", "docker.io=localhost:5000,quay.io=[::1]:5000/quay", "a=b=c", ",=, ", "http://x", "u:p@x"} {
		f.Add(seed)
	}
	published, err := name.NewRepository("quay.io/metallb/speaker")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		registries, err := ParseRegistries(text)
		if err != nil {
			return
		}
		repository, err := registries.repository(published)
		if err != nil || !strings.HasSuffix(repository.Name(), "metallb/speaker") {
			t.Errorf("with %q the image is pulled from %s: %v", text, repository, err)
		}
	})
}

func FuzzParseOwnImage(f *testing.F) {
	for _, seed := range []string{"", "kindest/node:v1.37.2", "mine.tar", "./x", "../..", "a@sha256:b", "\x00", "localhost:5000/a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		own, err := ParseOwnImage(t.TempDir(), text)
		if err == nil && text != "" && own.archive == "" && own.ref == nil {
			t.Errorf("%q is no image", text)
		}
		if err == nil && own.ref != nil && own.String() != text {
			t.Errorf("%q became %q", text, own)
		}
	})
}

func FuzzCheckBundle(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("apiVersion: v1"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "b.tar.zst")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := CheckBundle(t.Context(), path); err == nil && !bytes.HasPrefix(content, []byte("\x28\xb5\x2f\xfd")) && !bytes.Contains(content, []byte("\x2a\x4d\x18")) {
			t.Errorf("%q is no bundle", content)
		}
	})
}
