package cluster

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestParseContainers(t *testing.T) {
	g := NewWithT(t)
	podman := `[{"Id":"1","Name":"noteproof-x-worker","Image":"abc","State":{"Running":true},
		"Mounts":[{"Type":"volume","Name":"v1","Destination":"/var"},{"Type":"bind","Source":"/lib/modules"}],
		"Config":{"Image":"localhost/node:x","Labels":{"io.x-k8s.kind.cluster":"noteproof-x","io.x-k8s.kind.role":"worker"}}}]`
	got, err := parseContainers(podman)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(ConsistOf(container{ID: "1", Name: "noteproof-x-worker", Cluster: "noteproof-x", Role: "worker", Running: true, ImageRef: "localhost/node:x", ImageID: "abc", volumes: []string{"v1"}}))

	docker := `[{"Id":"2","Name":"/noteproof-x-outside","Image":"sha256:abc","State":{"Running":false},"Config":{"Image":"node:x","Labels":{"io.noteproof.cluster":"noteproof-x"}}},
		{"Id":"3","Name":"/kind-control-plane","Image":"sha256:abc","State":{"Running":true},"Config":{"Labels":{"io.x-k8s.kind.cluster":"kind","io.x-k8s.kind.role":"control-plane"}}}]`
	got, err = parseContainers(docker)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(ConsistOf(container{ID: "2", Name: "noteproof-x-outside", Cluster: "noteproof-x", ImageRef: "node:x", ImageID: "abc"}), "clusters of others are dropped")
	g.Expect(got[0].isNode()).To(BeFalse())
}

func TestParseVolumes(t *testing.T) {
	g := NewWithT(t)
	got, err := parseVolumes(`[{"Name":"v1","Labels":{"noteproof-x-worker2":"true"}},{"Name":"v2","Labels":{"noteproof-x-worker-control-plane":"true"}},
		{"Name":"v3","Labels":{"kind-worker":"true"}},{"Name":"v4","Labels":{}},{"Name":"v5"}]`)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(ConsistOf(volume{"v1", "noteproof-x"}, volume{"v2", "noteproof-x-worker"}, volume{Name: "v3"}, volume{Name: "v4"}, volume{Name: "v5"}))
	g.Expect(parseVolumes("")).To(BeEmpty())
}

func TestFindImage(t *testing.T) {
	g := NewWithT(t)
	list := "REF TYPE DIGEST SIZE PLATFORMS LABELS\n" +
		"docker.io/library/busybox:1 application/vnd.oci.image.manifest.v1+json sha256:b1 1 MiB linux/amd64 -\n" +
		"registry.k8s.io/pause:3.10 application/vnd.oci.image.manifest.v1+json sha256:b2 1 MiB linux/amd64 -\n"
	g.Expect(findImage(list, "registry.k8s.io/pause:3.10")).To(Equal("sha256:b2"))
	g.Expect(findImage(list, "busybox:1")).To(Equal("sha256:b1"))
	g.Expect(findImage(list, "registry.k8s.io/pause:3.1")).To(BeEmpty())
	g.Expect(findImage("", "x")).To(BeEmpty())
}
