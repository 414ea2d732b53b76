package nodeimage

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestWriteLayerAddsParentFolders(t *testing.T) {
	g := NewWithT(t)
	out := filepath.Join(t.TempDir(), "layer")
	g.Expect(writeLayer(out, gzip.BestSpeed, []file{
		{Path: "usr/local/bin/x", Mode: 0o755, Data: "#!"},
		{Path: "etc/link", Link: "/dev/null"},
		{Path: "uploads", Dir: true},
	})).To(Succeed())
	g.Expect(entries(t, out)).To(Equal([]string{"etc/", "etc/link -> /dev/null", "uploads/", "usr/", "usr/local/", "usr/local/bin/", "usr/local/bin/x"}))
}

func TestEqualFilesGiveEqualLayers(t *testing.T) {
	g := NewWithT(t)
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	g.Expect(writeLayer(a, gzip.BestSpeed, []file{{Path: "x", Data: "1"}, {Path: "y", Data: "2"}})).To(Succeed())
	g.Expect(writeLayer(b, gzip.BestSpeed, []file{{Path: "y", Data: "2"}, {Path: "x", Data: "1"}})).To(Succeed())
	first, err := os.ReadFile(a)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(os.ReadFile(b)).To(Equal(first))
}

func TestRepackDropsUnneededFiles(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	raw, out := filepath.Join(dir, "raw"), filepath.Join(dir, "out")
	f, err := os.Create(raw)
	g.Expect(err).NotTo(HaveOccurred())
	w := tar.NewWriter(f)
	for _, h := range []tar.Header{
		{Name: "./", Typeflag: tar.TypeDir},
		{Name: "./usr/share/doc/", Typeflag: tar.TypeDir},
		{Name: "./usr/share/doc/bash/copyright", Typeflag: tar.TypeReg},
		{Name: "./etc/resolv.conf", Typeflag: tar.TypeReg},
		{Name: "./etc/systemd/system/timers.target.wants/apt-daily.timer", Typeflag: tar.TypeSymlink, Linkname: "/x"},
		{Name: "./usr/bin/perl", Typeflag: tar.TypeReg},
		{Name: "./usr/bin/perl5", Typeflag: tar.TypeLink, Linkname: "./usr/bin/perl"},
	} {
		g.Expect(w.WriteHeader(&h)).To(Succeed())
	}
	g.Expect(errors.Join(w.Close(), f.Close())).To(Succeed())
	g.Expect(repack(raw, out, nodeDebian().Drop)).To(Succeed())
	g.Expect(entries(t, out)).To(Equal([]string{"usr/share/doc/", "usr/bin/perl", "usr/bin/perl5 -> usr/bin/perl"}))
}

func TestKindSpec(t *testing.T) {
	g := NewWithT(t)
	spec, err := kindSpec([]byte(`{"process":{"cwd":"/","rlimits":[{}]},"root":{"path":"rootfs"}}`))
	g.Expect(err).NotTo(HaveOccurred())
	var got map[string]any
	g.Expect(json.Unmarshal([]byte(spec), &got)).To(Succeed())
	g.Expect(got).To(Equal(map[string]any{
		"process": map[string]any{"cwd": "/"},
		"root":    map[string]any{"path": "rootfs"},
		"hooks":   map[string]any{"createContainer": []any{map[string]any{"path": "/kind/bin/mount-product-files.sh"}}},
	}))
}

func TestManifestsNameOurImages(t *testing.T) {
	g := NewWithT(t)
	r := refsFor("abc")
	g.Expect(render("default-cni.yaml", r)).To(ContainSubstring("image: " + r.Podroutes + "\n"))
	g.Expect(render("default-storage.yaml", r)).To(And(ContainSubstring("image: "+r.Provisioner+"\n"), ContainSubstring("image: "+r.Helper+"\n")))
}

func entries(t *testing.T, layer string) []string {
	t.Helper()
	f, err := os.Open(layer)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	defer f.Close()
	gz, err := gzip.NewReader(f)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	var names []string
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		name := h.Name
		if h.Linkname != "" {
			name += " -> " + h.Linkname
		}
		names = append(names, name)
	}
}
