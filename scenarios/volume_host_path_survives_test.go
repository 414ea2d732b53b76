package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	hostPathShared   = claim.P("Pods on a node share the path", claim.True).KO("한 노드의 Pod들이 hostPath를 공유한다")
	hostPathOutlives = claim.P("the data outlives them", claim.True).KO("Pod들이 사라져도 데이터는 남는다")
	keptBySharing    = claim.P("it is because they share it that the data is kept", claim.False).
				KO("데이터가 남는 것은 Pod들이 공유하기 때문이다")
)

// A hostPath is a directory of the node: Kubernetes does not remove it with a Pod (Kubernetes docs, "Volumes", hostPath).
var volumeHostPathSurvives = suite.Scenario{
	ID: "volume.host-path-survives", Points: []*claim.Point{hostPathShared, hostPathOutlives, keptBySharing},
	Quote: "각각의 path를 각각의 volume으로 사용하는 것, 즉 각각의 Pod들이 마운트해서 공유하기 때문에 Pod들이 죽어도 Volume은 사라지지 않는다.",
	Correction: claim.Text{
		KO: "같은 노드의 Pod들은 hostPath를 공유하며, Pod들이 죽어도 데이터는 남는다. 그러나 남는 이유는 공유가 아니라, hostPath가 Pod가 아닌 노드의 디렉터리이기 때문이다. 혼자 쓰던 hostPath도 남고, 컨테이너들이 공유하던 emptyDir는 Pod와 함께 사라진다. hostPath를 쓰면 Pod가 노드의 파일에 접근할 수 있으므로 다른 방법이 없을 때만 쓴다.",
		EN: "Pods of one node share a hostPath, and the data outlives them. But it is kept not because it is shared, but because a hostPath is a directory of the node, not of a Pod: one that a single Pod used is kept as well, and an emptyDir that containers share is gone with its Pod. A hostPath opens the node's files to a Pod, so use it only where nothing else will do.",
	},
	Remark: claim.Remark{
		KO:   "데이터가 남는 것은 공유해서가 아니라 노드의 디렉터리이기 때문이다. hostPath는 노드의 파일을 Pod에 열어 주므로 Pod Security의 baseline에서 금지되고, 노드 사이에 공유되지 않으며, 아무도 지우지 않는다.",
		EN:   "The data stays because the directory is the node's, not because it is shared. A hostPath opens the node's files to a Pod: Pod Security's baseline forbids it. It is not shared between nodes, and nobody cleans it up.",
		Docs: "/docs/concepts/storage/volumes/#hostpath",
	},
	Body: func(s *scenario.S) {
		first := s.Ready("wave=first")
		one, two := s.Pods("app=one").In("web"), s.Pods("app=two").In("web")
		s.Write(one, "/on-node/shared/note", "on the node")
		s.Write(one, "/in-pod/note", "in Pod one")
		s.Write(two, "/tmp/own", "in Pod two")
		s.Write(s.Pods("app=alone").In("web"), "/mine/note", "of one Pod alone")

		works := s.Witness("each of the two Pods keeps a file of its own").
			Expect(one.File("/in-pod/note")).Should(Contain("in Pod one")).
			Expect(two.File("/tmp/own")).Should(Contain("in Pod two"))
		apart := s.Contrast("the same path outside of the volume is not shared").Expect(two.File("/in-pod/note")).Should(BeGone())
		s.Point(hostPathShared, works, apart).Expect(two.File("/on-node/shared/note")).Decides(Contain("on the node"), BeGone())

		s.Remove(first)
		s.Create("pod/three")
		three := s.Ready("app=three").In("web")
		s.Write(three, "/tmp/own", "in Pod three")
		remains := s.Witness("the Pod that comes after them keeps a file of its own").
			Expect(three.File("/tmp/own")).Should(Contain("in Pod three"))
		gone := s.Contrast("what lay outside of the volume is gone with its Pod").
			Expect(three.File("/in-pod/note")).Should(BeGone())
		s.Point(hostPathOutlives, remains, gone).Expect(three.File("/on-node/shared/note")).Decides(Contain("on the node"), BeGone())
		s.Point(keptBySharing, remains, gone).Expect(three.File("/on-node/alone/note")).Decides(BeGone(), Contain("of one Pod alone"))
	},
	Sabotage: suite.Sabotage{Replace: "hostPath: {path: node-folder, type: DirectoryOrCreate}", By: "emptyDir: {}", Point: hostPathOutlives},
	Also:     []suite.Sabotage{{Replace: "hostPath: {type: DirectoryOrCreate, path: node-folder}", By: "emptyDir: {}", Point: keptBySharing}},
}
