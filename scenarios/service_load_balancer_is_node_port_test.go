package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Each Service type builds on the one before: a ClusterIP, then a node port, then an external IP (Kubernetes docs,
// "Service", publishing Services).
var serviceLoadBalancerIsNodePort = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "service.load-balancer-is-node-port",
		Quote:  "Node Port와 동일한 성격",
		Points: []claim.Point{{Says: "a LoadBalancer Service also has a node port and a ClusterIP, which work", Expect: claim.True}},
		Needs:  []claim.Need{claim.LoadBalancer, claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		pods, client, outside := s.List(s.Ready("app=web")), s.Ready("app=client").In(""), s.Outside()
		web, without := s.Exposed("web"), s.Exposed("without")
		answered := BeAnsweredWith(pods[0].Name)

		const also = "a LoadBalancer Service also has a node port and a ClusterIP, which work"
		s.Point(also).Expect(web).Should(ConsistOf(HaveNodePorts()))
		s.Control("with allocateLoadBalancerNodePorts: false it has no node port, and works at its external IP").
			Expect(without).Should(ConsistOf(Not(HaveNodePorts())))
		s.Control("with allocateLoadBalancerNodePorts: false it has no node port, and works at its external IP").
			Eventually(outside.HTTP(without.ExternalURL() + "/hostname")).Should(answered)

		s.Point(also).Eventually(client.HTTP(web.URL() + "/hostname")).Should(answered)
		for _, node := range s.Nodes() {
			s.Point(also).Eventually(outside.HTTP(web.OnNode(node) + "/hostname")).Should(answered)
		}
		s.Point(also).Eventually(outside.HTTP(web.ExternalURL() + "/hostname")).Should(answered)
	},
	Sabotage: scenario.Sabotage{
		Replace: "{type: LoadBalancer, selector",
		By:      "{type: LoadBalancer, externalTrafficPolicy: Local, selector",
		Point:   "a LoadBalancer Service also has a node port and a ClusterIP, which work",
	},
}
