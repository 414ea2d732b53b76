package cluster

import (
	"testing"

	. "github.com/onsi/gomega"
)

func threeNodes() []container {
	return []container{
		{Name: "noteproof-x-control-plane", Role: roleControlPlane, Running: true, ImageID: "abc", ImageRef: "node:x"},
		{Name: "noteproof-x-worker", Role: roleWorker, Running: true, ImageID: "abc", ImageRef: "node:x"},
		{Name: "noteproof-x-worker2", Role: roleWorker, Running: true, ImageID: "abc", ImageRef: "node:x"},
		{Name: "noteproof-x-outside", Running: false},
	}
}

func TestUnfitNodes(t *testing.T) {
	g := NewWithT(t)
	g.Expect(unfitNodes(threeNodes(), "abc", 2)).To(BeEmpty(), "a stopped companion does not matter")
	g.Expect(unfitNodes(threeNodes(), "abc", 3)).To(Equal("it has 1 control planes and 2 workers, not 1 and 3"))
	g.Expect(unfitNodes(threeNodes()[1:], "abc", 2)).To(Equal("it has 0 control planes and 2 workers, not 1 and 2"))
	g.Expect(unfitNodes(threeNodes(), "def", 2)).To(ContainSubstring("runs another image, node:x"))
	stopped := threeNodes()
	stopped[2].Running = false
	g.Expect(unfitNodes(stopped, "abc", 2)).To(Equal("its node noteproof-x-worker2 is not running"))
}

func TestWhyLeftOver(t *testing.T) {
	g := NewWithT(t)
	mark := container{Name: "noteproof-x-kept", kept: forReuse, holder: holder{Owner: "a@b"}}
	stopped := threeNodes()
	stopped[0].Running = false
	g.Expect(whyLeftOver(append(threeNodes(), mark))).To(BeEmpty())
	g.Expect(whyLeftOver(append(stopped, mark))).To(Equal("its node noteproof-x-control-plane is not running"))
	g.Expect(whyLeftOver(threeNodes())).To(Equal("the run that created or used it was interrupted"))
	g.Expect(whyLeftOver(append(threeNodes()[3:], mark))).To(Equal("it has no nodes"))
	g.Expect(whyLeftOver(nil)).To(Equal("it has no nodes"), "only volumes")
	g.Expect(keptMark(append(threeNodes(), mark)).holder.Owner).To(Equal("a@b"))
}
