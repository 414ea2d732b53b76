package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Every node's kube-proxy takes the traffic to the port, wherever the Pods are (Kubernetes docs, "Service", type NodePort).
var serviceNodePortEveryNode = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "service.node-port-every-node",
		Quote:  "Cluster에 연결된 모든 Node에서 동일한 Port가 할당되서 어느 아이피의 Port로 연결하든 서비스에 연결이 된다.",
		Points: []claim.Point{{Says: "the same port answers on every node", Expect: claim.True}},
		Needs:  []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		only := s.List(s.Ready("app=web")) // on worker-1 alone
		web, outside := s.Service("web"), s.Outside()

		for _, node := range s.Nodes() {
			s.Point("the same port answers on every node").
				Eventually(outside.HTTP(web.OnNode(node) + "/hostname")).Should(BeAnsweredWith(only[0].Name))
			s.Control("another port on the same node is closed").
				Eventually(outside.HTTP(node.Port(9000) + "/hostname")).Should(BeRefused())
		}
	},
	Sabotage: scenario.Sabotage{
		Replace: "type: NodePort", By: "type: NodePort\n  externalTrafficPolicy: Local", Point: "the same port answers on every node",
	},
}
