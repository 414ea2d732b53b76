package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var samePortEverywhere = claim.P("the same port answers on every node", claim.True).KO("모든 노드가 같은 포트에서 응답한다")

// Every node's kube-proxy accepts traffic on the port, wherever the Pods are (Kubernetes docs, "Service", type NodePort).
var serviceNodePortEveryNode = suite.Scenario{
	ID: "service.node-port-every-node", Points: []*claim.Point{samePortEverywhere},
	Quote: "Cluster에 연결된 모든 Node에서 동일한 Port가 할당되서 어느 아이피의 Port로 연결하든 서비스에 연결이 된다.",
	Remark: claim.Remark{
		KO:   "노드 포트는 노드에 접근할 수 있는 모두에게 열린다. kube-proxy의 nftables 모드에서는 노드의 기본 IP에서만 응답한다. 운영 환경에서는 앞에 로드 밸런서나 Gateway를 둔다.",
		EN:   "A node port is open to everybody who reaches a node. In kube-proxy's nftables mode it answers at the node's primary IP only. In production put a load balancer or a Gateway in front.",
		Docs: "/docs/concepts/services-networking/service/#type-nodeport",
	},
	Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	Body: func(s *scenario.S) {
		only := s.List(s.Ready("app=web"))[0] // on worker-1 only
		nodes, web, outside := s.Nodes(), s.Service("web"), s.Outside()

		reaches := nodesReach(s, 20021, nodes, only)
		closed := s.Contrast("the port that the Service has at its ClusterIP is closed on the nodes")

		for _, node := range nodes {
			s.Point(samePortEverywhere, reaches, closed).Eventually(outside.HTTP(web.OnNode(node)+"/hostname")).
				Decides(BeAnsweredWith(only.Name), Lasting(BeUnreached()))
			closed.Eventually(outside.HTTP(node.Port(9000))).Should(BeUnreached())
		}
	},
	Sabotage: suite.Sabotage{Replace: "type: NodePort", By: "type: NodePort, externalTrafficPolicy: Local", Point: samePortEverywhere},
}
