package lab

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

func TestAVariableOverridesAnOption(t *testing.T) {
	g := NewWithT(t)
	cache := t.TempDir()
	options := Options{
		Kubernetes: "1.36", Claims: "^pod", Keep: true, Kubeconfig: "/k", Image: "image", Allow: []string{"change-cluster", "break-nodes"},
		Cluster: "/v.yaml", Engine: "podman", Registry: "localhost:5000", Cache: cache, Out: "/o", Parallel: 3, TimeoutFactor: 1.5, NodeImage: "mine/node",
	}
	fields := reflect.ValueOf(options)
	for i := range fields.NumField() {
		g.Expect(fields.Field(i).IsZero()).To(BeFalse(), "%s is not tested", fields.Type().Field(i).Name)
	}
	s, err := readSettings(options.over(func(string) string { return "" }))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.version).To(Equal("1.36"))
	g.Expect(s.claims.String()).To(Equal("^pod"))
	g.Expect(s.keep).To(Equal(environ.KeepAlways))
	g.Expect([]string{s.kubeconfig, s.file, s.image, s.permissions(), s.engine, s.cache, s.out}).
		To(Equal([]string{"/k", "/v.yaml", "image", "break-nodes,change-cluster", "podman", cache, "/o"}))
	g.Expect(s.parallel).To(Equal(3))
	g.Expect(s.registries).To(Equal(must(nodeimage.ParseRegistries("localhost:5000"))))
	g.Expect(s.nodeImage.String()).To(Equal("mine/node"))
	g.Expect(s.timeouts.Arrive).To(BeNumerically(">", 60e9))

	set := map[string]string{"K8S": "1.35", "KEEP": "no", "NOTEPROOF_PARALLEL": "8"}
	s, err = readSettings(options.over(func(name string) string { return set[name] }))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.version).To(Equal("1.35"))
	g.Expect(s.keep).To(Equal(environ.KeepNever))
	g.Expect(s.parallel).To(Equal(8))

	s, err = readSettings(Options{}.over(os.Getenv))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.parallel).To(Equal(8))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestPathsOfOptionsAreRelativeToTheModule(t *testing.T) {
	g := NewWithT(t)
	o := Options{Out: "out/english", Cache: "/c", Kubeconfig: "a:/b", Cluster: "v.yaml"}.within("/module")
	g.Expect([]string{o.Out, o.Cache, o.Kubeconfig, o.Cluster}).To(Equal([]string{"/module/out/english", "/c", "/module/a:/b", "/module/v.yaml"}))
	g.Expect(Options{}.within("/module")).To(Equal(Options{}))

	dir := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(dir, "node.tar"), nil, 0o644)).To(Succeed())
	g.Expect(Options{NodeImage: "node.tar"}.within(dir).NodeImage).To(Equal(filepath.Join(dir, "node.tar")))
	g.Expect(Options{NodeImage: "kindest/node:v1.36.4"}.within(dir).NodeImage).To(Equal("kindest/node:v1.36.4"))
}
