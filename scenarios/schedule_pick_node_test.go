package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	nodeByName  = claim.P("a Pod can name its node", claim.True).KO("Pod에 실행될 노드의 이름을 지정할 수 있다")
	nodeByLabel = claim.P("a Pod can name its node by a label", claim.True).KO("Pod에 실행될 노드를 라벨로 지정할 수 있다")
)

// A nodeName bypasses the scheduler. A nodeSelector restricts the scheduler to the nodes with these labels (Kubernetes docs,
// "Assigning Pods to Nodes").
var schedulePickNode = suite.Scenario{
	ID: "schedule.pick-node", Points: []*claim.Point{nodeByName, nodeByLabel}, Needs: []claim.Need{claim.TwoWorkers},
	Quote: "직접선택: Pod를 만들때 node를 지정할 수 있다.",
	Remark: claim.Remark{
		KO:   "`nodeName`은 스케줄러를 거치지 않으므로 NoSchedule 테인트가 무시되고, 리소스가 모자라면 Pod는 기다리지 않고 실패한다(OutOfcpu, OutOfmemory). 평소에는 노드 라벨(nodeSelector, nodeAffinity)과 테인트·톨러레이션을 쓴다.",
		EN:   "`nodeName` bypasses the scheduler: NoSchedule taints are ignored, and where there is no room the Pod fails at once (OutOfcpu, OutOfmemory). The everyday tools are labels of nodes (nodeSelector, nodeAffinity), taints and tolerations.",
		Docs: "/docs/concepts/scheduling-eviction/assign-pod-node/",
	},
	Body: func(s *scenario.S) {
		unnamed, nowhere := s.Pods("app=unnamed"), s.Pods("app=nowhere")

		listed := s.Witness("the API server shows a Pod that no scheduler places").Expect(unnamed).Should(HaveLen(1))
		stays := s.Contrast("without a name, and without a scheduler, the Pod is on no node").
			Consistently(unnamed).Should(ConsistOf(Not(BeScheduled())))
		places := s.Witness("the scheduler places a Pod that asks for nothing").
			Eventually(s.Pods("app=anywhere")).Should(ConsistOf(BeScheduled()))
		unplaced := s.Contrast("with a label that no node has, the Pod is unschedulable").
			Eventually(nowhere).Should(ConsistOf(BeUnschedulable())).
			Consistently(nowhere).Should(ConsistOf(BeUnschedulable()))

		for _, n := range []string{"1", "2"} {
			node := s.Node("worker-" + n)
			s.Point(nodeByName, listed, stays).Eventually(s.Pods("app=name-"+n)).
				Decides(ConsistOf(BeTakenBy(node)), ConsistOf(BeOnNodeOtherThan(node)))
		}
		for _, n := range []string{"1", "2"} { // each prefers the other node, so that none is there by chance
			node := s.Node("worker-" + n)
			s.Create("pod/label-" + n)
			s.Point(nodeByLabel, places, unplaced).Eventually(s.Pods("app=label-"+n)).
				Decides(ConsistOf(BeOnNode(node)), ConsistOf(BeOnNodeOtherThan(node)))
		}
	},
	Sabotage: suite.Sabotage{Replace: "nodeName: worker-2", By: "nodeName: worker-1", Point: nodeByName},
}
