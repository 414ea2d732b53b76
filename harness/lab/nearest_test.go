package lab

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestNearestSuggestsIDsForTypos(t *testing.T) {
	g := NewWithT(t)
	ids := []string{"pod.localhost", "service.types-differ", "service.node-port-range", "service.node-port-every-node", "volume.empty-dir-lost"}
	near := func(text string) []string { return nearest(text, ids) }
	g.Expect(near(`^service\.node_port_rang$`)[0]).To(Equal("service.node-port-range"))
	g.Expect(near(`^pod\.localhots$`)[0]).To(Equal("pod.localhost"))
	g.Expect(near(`^(volume|storage)\.emptydir`)[0]).To(Equal("volume.empty-dir-lost"))
	g.Expect(near("x")).To(HaveLen(3))
	g.Expect(nearest("x", ids[:1])).To(Equal(ids[:1]))
}
