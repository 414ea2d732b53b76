package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A node that reports no more is tainted unreachable, which evicts the Pods that tolerate it no longer; their controller
// then makes others (Kubernetes docs, "Nodes" and "Taint based Evictions").
var podNodeLost = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "pod.node-lost",
		Quote:  "Pod의 문제가 있다면 시스템에서 이것을 감지하고 Pod를 삭제하고 다시 만듬",
		Points: []claim.Point{{Says: "Pods of a dead node are replaced on another node, with a new IP", Expect: claim.True}},
		Needs:  []claim.Need{claim.TwoWorkers, claim.BreakNodes},
		Alone:  true,
	},
	Body: func(s *scenario.S) {
		lost := s.List(s.Ready("app=lost"))
		dead := lost[0].Spec.NodeName
		steady := s.Pods("app=steady").NotOn(dead)
		s.Eventually(steady).Should(HaveEach(BeReady()))
		before := s.List(steady)

		s.StopNode(dead)

		s.Point("Pods of a dead node are replaced on another node, with a new IP").EventuallyAfterNodeLoss(s.Pods("app=lost")).
			Should(ContainElement(And(BeReady(), Not(BeAmong(lost)), Not(HaveIPAmong(lost)), Not(BeOnTheNodeOf(lost)))))
		s.Control("Pods on healthy nodes keep UID and IP").
			Consistently(steady).Should(HaveEach(And(BeReady(), BeAmong(before), HaveIPAmong(before), HaveNeverRestarted())))
	},
	Sabotage: scenario.Sabotage{
		Replace: "unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1", By: "unreachable, operator: Exists, effect: NoExecute",
		Point: "Pods of a dead node are replaced on another node, with a new IP",
	},
}
