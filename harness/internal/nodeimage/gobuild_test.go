package nodeimage

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/version"
)

func TestPodroutesInputsAreTheSameInAnotherModule(t *testing.T) {
	g := NewWithT(t)
	root, err := filepath.Abs("../../..")
	g.Expect(err).NotTo(HaveOccurred())
	source := &Source{}
	want, err := source.podroutesInputs(t.Context(), "go1")
	g.Expect(err).NotTo(HaveOccurred())

	other := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(other, "go.mod"), []byte(`module example.com/notes

go 1.26.0

require `+version.Module+` v0.0.0

replace `+version.Module+` => `+root+"\n"), 0o644)).To(Succeed())
	t.Chdir(other) // as go test does for tests of the other module; its go.mod lacks most modules, and there is no go.sum
	g.Expect(source.podroutesInputs(t.Context(), "go1")).To(Equal(want))

	g.Expect(os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.com/notes\n"), 0o644)).To(Succeed())
	_, err = source.podroutesInputs(t.Context(), "go1")
	g.Expect(err).To(MatchError(ContainSubstring(version.Module)))
}

func TestModuleDirWithAVendorFolder(t *testing.T) {
	g := NewWithT(t)
	notes, required := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		filepath.Join(required, "go.mod"): "module example.com/required\n\ngo 1.24\n",
		filepath.Join(required, "a.go"):   "package required\n",
		filepath.Join(notes, "go.mod"):    "module example.com/notes\n\ngo 1.24\n\nrequire example.com/required v0.0.0\n\nreplace example.com/required => " + required + "\n",
		filepath.Join(notes, "a.go"):      "package notes\n\nimport _ \"example.com/required\"\n",
	} {
		g.Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
	}
	t.Chdir(notes)
	s := &Source{}
	_, err := s.ownGo(t.Context(), "", "mod", "vendor")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(filepath.Join(notes, "vendor", "modules.txt")).To(BeAnExistingFile())
	g.Expect(s.moduleDir(t.Context(), "example.com/required")).To(Equal(required))
}

func TestModuleDirInAWorkspace(t *testing.T) {
	g := NewWithT(t)
	work := t.TempDir()
	for path, text := range map[string]string{
		"go.work":      "go 1.24\n\nuse (\n\t./notes\n\t./ours\n)\n",
		"notes/go.mod": "module example.com/notes\n\ngo 1.24\n",
		"notes/a.go":   "package notes\n\nimport _ \"example.com/ours\"\n",
		"ours/go.mod":  "module example.com/ours\n\ngo 1.24\n",
		"ours/a.go":    "package ours\n",
	} {
		path = filepath.Join(work, path)
		g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		g.Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
	}
	t.Chdir(filepath.Join(work, "notes"))
	t.Setenv("GOWORK", "")
	g.Expect((&Source{}).moduleDir(t.Context(), "example.com/ours")).To(Equal(filepath.Join(work, "ours")))
}

func TestProgramsOfOneModuleAreBuiltTogether(t *testing.T) {
	g := NewWithT(t)
	var names [][]string
	for _, group := range together(append(kubernetes(DefaultVersion, recipeFor(DefaultVersion)), runtimePrograms()...)) {
		var of []string
		for _, p := range group {
			of = append(of, p.Name)
		}
		names = append(names, of)
	}
	g.Expect(names).To(Equal([][]string{
		{"kubeadm", "kubelet", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"},
		{"containerd", "ctr", "containerd-shim-runc-v2"},
		{"host-local", "loopback", "ptp", "portmap"},
		{"local-path-provisioner"},
	}))
	coredns, _ := addon("coredns", "v1.12.0", recipe{})
	g.Expect(together([]goProgram{coredns, coredns})).To(HaveLen(2), "each has a main package of its own in the derived module")
	g.Expect((&Source{}).programStep(runtimePrograms()[:3], "go1").name).To(Equal("go-containerd"))
}
