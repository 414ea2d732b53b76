package cluster

import (
	"testing"

	. "github.com/onsi/gomega"
)

func three() []container {
	return []container{
		{Name: "noteproof-x-control-plane", Role: roleControlPlane, Running: true, ImageID: "abc", ImageRef: "node:x"},
		{Name: "noteproof-x-worker", Role: roleWorker, Running: true, ImageID: "abc", ImageRef: "node:x"},
		{Name: "noteproof-x-worker2", Role: roleWorker, Running: true, ImageID: "abc", ImageRef: "node:x"},
		{Name: "noteproof-x-outside", Running: false},
	}
}

func TestUnfitNodes(t *testing.T) {
	g := NewWithT(t)
	g.Expect(unfitNodes(three(), "abc", 2)).To(BeEmpty(), "a companion that does not run is no reason")
	g.Expect(unfitNodes(three(), "abc", 3)).To(Equal("it has 1 control planes and 2 workers, not 1 and 3"))
	g.Expect(unfitNodes(three()[1:], "abc", 2)).To(Equal("it has 0 control planes and 2 workers, not 1 and 2"))
	g.Expect(unfitNodes(three(), "def", 2)).To(ContainSubstring("runs another image, node:x"))
	dead := three()
	dead[2].Running = false
	g.Expect(unfitNodes(dead, "abc", 2)).To(Equal("its node noteproof-x-worker2 does not run"))
}

func TestLeftOver(t *testing.T) {
	g := NewWithT(t)
	dead := three()
	dead[0].Running = false
	g.Expect(leftOver(kept, three())).To(BeEmpty())
	g.Expect(leftOver("", three())).To(BeEmpty(), "nobody says that it was cut off")
	g.Expect(leftOver(kept, dead)).To(Equal("its node noteproof-x-control-plane does not run"))
	g.Expect(leftOver(making, three())).To(Equal("it was never finished"))
	g.Expect(leftOver(inUse, three())).To(Equal("the run that used it was cut off"))
	g.Expect(leftOver(kept, three()[3:])).To(Equal("it has no nodes any more"))
	g.Expect(leftOver("", nil)).To(Equal("it has no nodes any more"), "only volumes")
}
