package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The external IP belongs to the network outside, which the plugin tells where to send its packets (Kubernetes docs,
// "Service", type LoadBalancer).
var serviceLoadBalancerOutside = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "service.load-balancer-outside",
		Quote:  "외부 시스템 노출용",
		Points: []claim.Point{{Says: "the external IP answers outside the cluster", Expect: claim.True}},
		Needs:  []claim.Need{claim.LoadBalancer, claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		pods, web, outside := s.List(s.Ready("app=web")), s.Exposed("web"), s.Outside()

		s.Point("the external IP answers outside the cluster").
			Eventually(outside.HTTP(web.ExternalURL() + "/hostname")).Should(BeAnsweredWith(pods[0].Name))
		s.Control("an unassigned address of the pool does not answer").
			Consistently(outside.HTTP(s.UnassignedURL(80) + "/hostname")).Should(Not(BeAnswered()))
	},
	Sabotage: scenario.Sabotage{
		Replace: "{type: LoadBalancer,",
		By:      "{type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24],",
		Point:   "the external IP answers outside the cluster",
	},
}
