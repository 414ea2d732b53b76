package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	spreadsOverNodes = claim.P("requests to the external IP reach Pods on several nodes", claim.True).KO("외부 IP로 온 요청은 여러 노드의 Pod에 도달한다")
	handsToEveryNode = claim.P("the balancer itself hands traffic to every node", claim.False).KO("로드 밸런서가 모든 노드에 직접 트래픽을 나누어 준다")
)

// In layer 2 mode one node announces the external IP and receives all of its traffic; that node's kube-proxy distributes it
// (MetalLB docs, "MetalLB in layer 2 mode"). The MAC address to which packets are sent shows which node that is.
var serviceLoadBalancerSpreads = suite.Scenario{
	ID: "service.load-balancer-spreads", Points: []*claim.Point{spreadsOverNodes, handsToEveryNode},
	Quote: "Load Balancer에서 각가의 Node에 트래픽을 분산 시켜주는 역할을 한다.",
	Correction: claim.Text{
		KO: "외부 IP로 들어온 요청은 여러 노드의 Pod로 분산되지만, 로드 밸런서가 직접 모든 노드에 트래픽을 나누어 보내는지는 구현에 따라 다르다. MetalLB의 L2 모드에서는 한 노드가 모든 트래픽을 받고, 그 노드의 kube-proxy가 여러 Pod로 분산한다.",
		EN: "Requests to the external IP are spread over Pods on several nodes, but whether the balancer itself hands them to every node depends on the implementation. With MetalLB in layer 2 mode one node takes all of the traffic, and that node's kube-proxy spreads it.",
	},
	Remark: claim.Remark{
		KO:   "Pod가 받는 부하는 kube-proxy가, 노드가 받는 부하는 로드 밸런서가 나눈다. MetalLB의 L2 모드에서는 한 노드의 대역폭이 상한이며, 모든 노드로 나누려면 BGP 모드나 클라우드 로드 밸런서를 쓴다.",
		EN:   "kube-proxy spreads over Pods, the balancer over nodes. With MetalLB in layer 2 mode the bandwidth of one node is the limit; BGP mode or a cloud's balancer spread over all.",
		Docs: "/docs/reference/networking/virtual-ips/",
	},
	Needs: []claim.Need{claim.LoadBalancer, claim.LayerTwoBalancer, claim.OutsideMachine, claim.TwoWorkers},
	Body: func(s *scenario.S) {
		pods, first := s.List(s.Ready("app=web")), s.List(s.Ready("app=web,place=first"))
		hosts, outside, nodes := s.Ready("app=host"), s.Outside(), s.Nodes()
		web, single, names := s.ExposedOutside("web"), s.ExposedOutside("single"), scenario.Names(nodes)

		reaches := nodesReach(s, 20026, nodes, pods...)
		apart := s.Contrast("each node's own address is announced by that node, so that the nodes are told apart")
		for _, node := range nodes {
			apart.Eventually(hosts.Announcing(node.Port(20026), outside)).Should(BeOneOf(node.Name))
		}
		oneOnly := s.Contrast("of a Service whose Pods are on one node, no other Pod answers").
			Eventually(outside.Answers(single.ExternalURL()+"/hostname", 20)).Should(ComeFromEachOf(first))

		s.Point(spreadsOverNodes, reaches, oneOnly).Eventually(s.Endpoints("web")).Decides(LeadTo(pods), Lasting(Not(LeadTo(pods))))
		// If only one Pod answers, nothing is decided: a proxy may choose by client.
		s.Point(spreadsOverNodes, reaches, oneOnly).Eventually(outside.Answers(web.ExternalURL()+"/hostname", 60)).
			Decides(ComeFromEachOf(pods), Lasting(GoUnanswered()))
		s.Point(handsToEveryNode, reaches, apart).Eventually(hosts.Announcing(web.ExternalURL(), outside)).Decides(BeEachOf(names), BeOneOf(names...))
	},
	Sabotage: suite.Sabotage{Replace: "{app: web}, ports: &ports", By: "{app: web, place: first}, ports: &ports", Point: spreadsOverNodes},
}
