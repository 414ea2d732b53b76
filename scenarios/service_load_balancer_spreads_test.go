package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// In layer 2 mode one node answers for the external IP, and takes all of its traffic; that node's kube-proxy spreads it
// (MetalLB docs, "MetalLB in layer 2 mode"). Under the Local policy kube-proxy does not, so what the balancer itself
// does is seen bare.
var serviceLoadBalancerSpreads = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "service.load-balancer-spreads",
		Quote: "Load Balancer에서 각가의 Node에 트래픽을 분산 시켜주는 역할을 한다.",
		Points: []claim.Point{
			{Says: "requests to the external IP reach Pods on several nodes", Expect: claim.True},
			{Says: "the balancer itself hands traffic to every node", Expect: claim.False},
		},
		Correction: claim.Text{
			KO: "외부 IP로 온 요청은 여러 Node의 Pod에 분산되지만, 각각의 Node에 직접 나누어 주는지는 로드밸런서 구현에 따라 다르다. MetalLB의 L2 모드에서는 한 Node가 모든 트래픽을 받고, 그 Node의 kube-proxy가 Pod로 분산한다.",
			EN: "Requests to the external IP are spread over Pods on several nodes, but whether the balancer itself hands them to every node depends on the implementation. With MetalLB in layer 2 mode one node takes all of the traffic, and that node's kube-proxy spreads it.",
		},
		Needs: []claim.Need{claim.LoadBalancer, claim.OutsideMachine, claim.TwoWorkers},
	},
	Body: func(s *scenario.S) {
		pods, first := s.List(s.Ready("app=web")), s.List(s.Ready("app=web,place=first"))
		hosts, outside := s.Ready("app=host"), s.Outside()
		web, local, single := s.Exposed("web"), s.Exposed("local"), s.Exposed("single")
		nodes := scenario.Names(s.Nodes())

		s.Control("Pods of one node alone are told from Pods of several").
			Eventually(outside.Answers(single.ExternalURL()+"/hostname", 30)).Should(ComeFromEachOf(first))
		for _, node := range s.Nodes() {
			s.Control("each node is known by its MAC address").
				Eventually(hosts.Announcing(web.OnNode(node), outside)).Should(BeOneOf(node.Name))
		}

		s.Point("requests to the external IP reach Pods on several nodes").
			Eventually(outside.Answers(web.ExternalURL()+"/hostname", 60)).Should(ComeFromEachOf(pods))
		const every = "the balancer itself hands traffic to every node"
		s.Point(every).Eventually(hosts.Announcing(web.ExternalURL(), outside)).Tells(BeEachOf(nodes), BeOneOf(nodes...))
		s.Point(every).Eventually(outside.Answers(local.ExternalURL()+"/hostname", 60)).
			Tells(ComeFromEachOf(pods), Or(ComeFromEachOf(pods[:1]), ComeFromEachOf(pods[1:])))
	},
	Sabotage: scenario.Sabotage{
		Replace: "selector: {app: web}, ports: &ports",
		By:      "selector: {app: web, place: first}, ports: &ports",
		Point:   "requests to the external IP reach Pods on several nodes",
	},
}
