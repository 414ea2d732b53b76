package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// With the default policy, Cluster, a node hands traffic to any ready Pod of the Service, wherever that Pod is (Kubernetes
// docs, "Virtual IPs and Service Proxies").
var serviceAnyNodeAnyPod = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "service.any-node-any-pod",
		Quote:  "service 어떤 노드에서 온 트래픽에 상관 없이 자신에게 달려 있는 Pod에게 트래픽을 전달한다.",
		Points: []claim.Point{{Says: "traffic into one node reaches Pods on other nodes", Expect: claim.True}},
		Needs:  []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		pods := s.List(s.Ready("app=web")) // on two nodes
		web, local, outside := s.Service("web"), s.Service("local"), s.Outside()

		for _, node := range s.Nodes() {
			s.Point("traffic into one node reaches Pods on other nodes").
				Eventually(outside.Answers(web.OnNode(node)+"/hostname", 20)).Should(ComeFromEachOf(pods))
			if own := node.Of(pods); len(own) > 0 {
				s.Control("under the Local policy it reaches the node's own Pods only").
					Eventually(outside.Answers(local.OnNode(node)+"/hostname", 20)).Should(ComeFromEachOf(own))
			}
		}
	},
	Sabotage: scenario.Sabotage{
		Replace: "externalTrafficPolicy: Cluster", By: "externalTrafficPolicy: Local",
		Point: "traffic into one node reaches Pods on other nodes",
	},
}
