package match_test

import (
	"testing"

	. "github.com/onsi/gomega"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestContainersAndTheirPods(t *testing.T) {
	g := NewWithT(t)
	a1 := probe.Container{Pod: "a", UID: "A", Name: "1", ID: "x", Network: "net:1", Hostname: "a"}
	a2 := probe.Container{Pod: "a", UID: "A", Name: "2", ID: "y", Network: "net:1", Hostname: "a"}
	own := probe.Container{Pod: "a", UID: "A", Name: "3", ID: "z", Network: "net:3", Hostname: "own"}
	b := probe.Container{Pod: "b", UID: "B", Name: "1", ID: "x", Network: "net:2", Hostname: "b"}

	g.Expect(probe.Containers{a1, a2, b}).To(And(ShareTheirPod(), DifferFromPodToPod(), Not(HaveTheirPodToThemselves())))
	g.Expect(probe.Containers{a1, own}).To(And(Not(ShareTheirPod()), HaveTheirPodToThemselves()))
	g.Expect(probe.Containers{a1}).NotTo(Or(ShareTheirPod(), HaveTheirPodToThemselves(), DifferFromPodToPod()), "nothing to compare")

	g.Expect(probe.Containers{a1, a2}).To(And(StandInOnePodEach(), Not(StandInSeveralPods())))
	g.Expect(probe.Containers{a1, a2, b}).To(And(Not(StandInOnePodEach()), StandInSeveralPods()))
	g.Expect(probe.Containers{}).NotTo(Or(StandInOnePodEach(), StandInSeveralPods()))
}
