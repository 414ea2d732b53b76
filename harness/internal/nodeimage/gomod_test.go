package nodeimage

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestDeriveGoMod(t *testing.T) {
	original := `module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
	github.com/ordinary/pinned v1.0.0
	go.etcd.io/etcd/api/v3 v3.7.0
	k8s.io/api v0.0.0
	k8s.io/client-go v0.36.0
)

exclude github.com/bad/one v1.2.3

replace (
	github.com/ordinary/pinned => github.com/ordinary/pinned v0.9.0
	go.etcd.io/etcd/api/v3 => ../api
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/client-go => ./staging/src/k8s.io/client-go
)
`
	g := NewWithT(t)
	derived, err := deriveGoMod([]byte(original), "v1.37.2", "")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(derived)).To(Equal(`module noteproof.build/k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require k8s.io/kubernetes v1.37.2

exclude github.com/bad/one v1.2.3

replace github.com/ordinary/pinned => github.com/ordinary/pinned v0.9.0

replace k8s.io/api => k8s.io/api v0.37.2

replace k8s.io/client-go => k8s.io/client-go v0.37.2
`))
}

func TestDeriveGoModRejectsAnInvalidGoMod(t *testing.T) {
	_, err := deriveGoMod([]byte("modul x"), "v1.0.0", "")
	NewWithT(t).Expect(err).To(HaveOccurred())
}

func TestDeriveGoModReplacesTheModuleByATree(t *testing.T) {
	g := NewWithT(t)
	derived, err := deriveGoMod([]byte("module k8s.io/kubernetes\n\ngo 1.16\n"), "v1.23.17", "/cache/tree")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(derived)).To(ContainSubstring("replace k8s.io/kubernetes => /cache/tree\n"))
}
