package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A hostPath is a folder of the node itself: Kubernetes neither makes it for one Pod nor removes it with one (Kubernetes
// docs, "Volumes", hostPath).
var volumeHostPathSurvives = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "volume.host-path-survives",
		Quote: "각각의 path를 각각의 volume으로 사용하는 것, 즉 각각의 Pod들이 마운트해서 공유하기 때문에 Pod들이 죽어도 Volume은 사라지지 않는다.",
		Points: []claim.Point{
			{Says: "Pods on a node share the path", Expect: claim.True},
			{Says: "the data outlives them", Expect: claim.True},
		},
	},
	Body: func(s *scenario.S) {
		first := s.Ready("wave=first")
		one, two := s.Pods("app=one").In(""), s.Pods("app=two").In("")
		const lost = "an emptyDir in the same Pods does not survive"

		s.Write(one, "/on-node/note", "on the node")
		s.Write(one, "/in-pod/note", "in the Pod")
		s.Point("Pods on a node share the path").Expect(two.File("/on-node/note")).Should(Contain("on the node"))
		s.Control(lost).Expect(one.File("/in-pod/note")).Should(Contain("in the Pod"))

		s.Remove(first)
		s.Create("pod/three")
		three := s.Ready("app=three").In("")
		s.Point("the data outlives them").Expect(three.File("/on-node/note")).Should(Contain("on the node"))
		s.Control(lost).Expect(three.File("/in-pod/note")).Should(BeGone())
	},
	Sabotage: scenario.Sabotage{Replace: "hostPath: {path: node-folder, type: DirectoryOrCreate}", By: "emptyDir: {}", Point: "the data outlives them"},
}
