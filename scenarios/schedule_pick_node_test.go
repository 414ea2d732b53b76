package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A nodeName passes the scheduler by; a nodeSelector leaves it only the nodes with these labels (Kubernetes docs,
// "Assigning Pods to Nodes").
var schedulePickNode = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "schedule.pick-node",
		Quote:  "직접선택: Pod를 만들때 node를 지정할 수 있다.",
		Points: []claim.Point{{Says: "a Pod can name its node", Expect: claim.True}},
		Needs:  []claim.Need{claim.TwoWorkers},
	},
	Body: func(s *scenario.S) {
		nowhere := s.Pods("app=nowhere")
		const stays = "a Pod with a selector that no node has stays Pending"
		s.Control(stays).Eventually(nowhere.Events()).Should(HaveEvent("FailedScheduling", "node affinity/selector"))

		picks := s.Point("a Pod can name its node")
		for _, n := range []string{"1", "2"} {
			named := ConsistOf(And(BeReady(), BeOnNode(s.Node("worker-"+n))))
			picks.Eventually(s.Pods("app=name-" + n)).Should(named)
			picks.Eventually(s.Pods("app=selector-" + n)).Should(named)
		}
		s.Control(stays).Consistently(nowhere).Should(ConsistOf(BeInPhase(corev1.PodPending)))
	},
	Sabotage: scenario.Sabotage{Replace: "nodeName: worker-2", By: "nodeName: worker-1", Point: "a Pod can name its node"},
}
