package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	goneElsewhere = claim.P("made again on another node, the data is not there", claim.True).KO("Pod가 다른 노드에 다시 만들어지면 데이터가 없다")
	podMoves      = claim.P("a running Pod is moved from node to node", claim.False).KO("실행 중인 Pod가 다른 노드로 옮겨진다")
)

// A Pod is bound to its node once. A Pod that later runs elsewhere is another Pod, which gets the directory of the other node at
// the same path (Kubernetes docs, "Pod Lifecycle" and "Volumes", hostPath).
var volumeHostPathOtherNode = suite.Scenario{
	ID: "volume.host-path-other-node", Points: []*claim.Point{goneElsewhere, podMoves}, Needs: []claim.Need{claim.TwoWorkers},
	Quote: "Pod 입장에서는 Pod2가 만약 죽으면 반드시 해당 노드에 재생성되는 보장이 없기 때문에 스케줄러에서 다른 Node2에서 생성되는 경우 문제가 발생할수 있다. 또 Node1 -> Node2으로 Pod가 이동될 수도 있다.",
	Correction: claim.Text{
		KO: "다른 노드에 새로 만들어진 Pod에서는 원래 노드의 hostPath 데이터가 보이지 않는다. 그러나 실행 중인 Pod가 다른 노드로 옮겨 가는 일은 없다. Pod는 축출(evict)되면 사라지고, 컨트롤러가 있을 때만 UID가 다른 새 Pod가 만들어진다. 데이터를 유지하려면 hostPath 대신 PVC(local PV나 네트워크 스토리지)를 쓴다.",
		EN: "A Pod made again on another node does not find the hostPath's data. But a running Pod never moves: it is evicted and gone, and only a controller makes a new one, with another UID. To keep the data, use a PVC (a local PV or network storage) instead of a hostPath.",
	},
	Remark: claim.Remark{
		KO:   "노드의 디스크를 꼭 써야 하면 local PV를 쓴다. hostPath와 달리 스케줄러가 데이터가 있는 노드를 알고 Pod를 그 노드에 배치한다.",
		EN:   "If it must be a node's disk, use a local PV: unlike with a hostPath the scheduler knows which node holds the data, and places the Pod there.",
		Docs: "/docs/concepts/storage/volumes/#local",
	},
	Body: func(s *scenario.S) {
		gate, web, bare := s.Pods("app=gate"), s.Ready("app=web"), s.Ready("app=bare")
		inside := web.In("web")
		file := inside.File("/data/note")
		onNode1, onNode2 := BeOnNode(s.Node("worker-1")), BeOnNode(s.Node("worker-2"))
		s.Eventually(web).Should(ConsistOf(onNode1))
		s.Write(inside, "/data/note", "written on node 1")

		s.Remove(gate)
		s.Create("pod/gate-2")
		s.Ready("app=gate")
		placed := s.Witness("a Pod that was put on node 2 is seen there").Expect(gate).Should(ConsistOf(onNode2))
		again := s.Contrast("the Pod that a controller makes in its place is on node 2")
		moves := s.Point(podMoves, placed, again)
		running := s.List(web)
		moves.Consistently(web).Decides(ContainElement(And(BeAmong(running), onNode2)), Lasting(ConsistOf(And(BeAmong(running), onNode1))))
		old, gone := s.Evict(web), s.Evict(bare)
		again.Eventually(web).Should(ConsistOf(And(Not(BeAmong(old)), onNode2)))
		moves.Expect(web).Decides(ContainElement(And(BeAmong(old), onNode2)), ConsistOf(And(Not(BeAmong(old)), onNode2)))
		s.Eventually(bare).Should(Not(ContainElement(BeAmong(gone))))
		moves.Consistently(bare).Decides(ContainElement(onNode2), Lasting(BeEmpty()))

		s.Eventually(web).Should(ConsistOf(And(BeReady(), Not(BeAmong(old)))))
		s.Write(inside, "/tmp/note", "in the new Pod")
		works := s.Witness("the Pod on node 2 keeps a file of its own").Expect(inside.File("/tmp/note")).Should(Contain("in the new Pod"))
		back := s.Contrast("back on node 1 the file is there")
		s.Point(goneElsewhere, works, back).Expect(file).Decides(BeGone(), Contain("written on node 1"))

		s.Remove(gate)
		s.Create("pod/gate-back")
		old = s.Evict(web)
		s.Eventually(web).Should(ConsistOf(And(BeReady(), onNode1, Not(BeAmong(old)))))
		back.Expect(file).Should(Contain("written on node 1"))
	},
	Sabotage: suite.Sabotage{
		Replace: "kind: Pod, metadata: {name: bare, labels: {app: bare}}, spec: *web}",
		By:      "kind: ReplicationController, metadata: {name: bare}, spec: {template: {metadata: {labels: {app: bare}}, spec: *web}}}",
		Point:   podMoves,
	},
}
