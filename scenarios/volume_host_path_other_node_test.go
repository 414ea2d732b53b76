package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A Pod is bound to its node once and for all; what runs elsewhere later is another Pod, which finds that node's folder
// at the same path (Kubernetes docs, "Pod Lifecycle" and "Volumes", hostPath).
var volumeHostPathOtherNode = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "volume.host-path-other-node",
		Quote: "Pod 입장에서는 Pod2가 만약 죽으면 반드시 해당 노드에 재생성되는 보장이 없기 때문에 스케줄러에서 다른 Node2에서 생성되는 경우 문제가 발생할수 있다. 또 Node1 -> Node2으로 Pod가 이동될 수도 있다.",
		Points: []claim.Point{
			{Says: "made again on another node, the data is not there", Expect: claim.True},
			{Says: "a running Pod is moved from node to node", Expect: claim.False},
		},
		Correction: claim.Text{
			KO: "다른 노드에 다시 만들어진 Pod에는 hostPath의 데이터가 없다. 그러나 실행 중인 Pod가 노드 사이를 이동하는 일은 없다. Pod는 축출(evict)되어 사라지고, 컨트롤러가 있을 때만 다른 UID의 새 Pod가 만들어진다.",
			EN: "A Pod made again on another node does not find the hostPath's data. But a running Pod never moves: it is evicted and gone, and only a controller makes a new one, with another UID.",
		},
		Needs: []claim.Need{claim.TwoWorkers},
	},
	Body: func(s *scenario.S) {
		gate, web, bare := s.Pods("app=gate"), s.Ready("app=web"), s.Ready("app=bare")
		file := web.In("").File("/data/note")
		onNode1, onNode2 := BeOnNode(s.Node("worker-1")), BeOnNode(s.Node("worker-2"))
		s.Eventually(web).Should(ConsistOf(onNode1))
		s.Write(web.In(""), "/data/note", "written on node 1")

		const moved = "a running Pod is moved from node to node"
		s.Remove(gate)
		s.Create("pod/gate-2")
		s.Ready("app=gate")
		s.Against(moved).Consistently(web).Should(ConsistOf(And(BeReady(), onNode1)))
		old, gone := s.Evict(web), s.Evict(bare)
		s.Point(moved).Eventually(web).
			Tells(ContainElement(And(BeAmong(old), onNode2)), ConsistOf(And(BeReady(), onNode2, Not(BeAmong(old)))))
		s.Eventually(bare).ShouldNot(ContainElement(BeAmong(gone)))
		s.Against(moved).Consistently(bare).Should(BeEmpty())
		s.Point("made again on another node, the data is not there").Expect(file).Should(BeGone())

		s.Remove(gate)
		s.Create("pod/gate-back")
		old = s.Evict(web)
		s.Eventually(web).Should(ConsistOf(And(BeReady(), onNode1, Not(BeAmong(old)))))
		s.Control("back on node 1 the file is there").Expect(file).Should(Contain("written on node 1"))
	},
	Sabotage: scenario.Sabotage{
		Replace: "kind: Pod\n  metadata: {name: bare, labels: {app: bare}}\n  spec: *web",
		By:      "kind: ReplicationController\n  metadata: {name: bare}\n  spec: {template: {metadata: {labels: {app: bare}}, spec: *web}}",
		Point:   "a running Pod is moved from node to node",
	},
}
