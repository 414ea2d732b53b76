package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var externalIPOutside = claim.P("the external IP answers outside the cluster", claim.True).KO("외부 IP는 클러스터 밖에서 응답한다")

// The external IP belongs to the network outside the cluster. The plugin announces there which node receives its packets
// (Kubernetes docs, "Service", type LoadBalancer).
var serviceLoadBalancerOutside = suite.Scenario{
	ID: "service.load-balancer-outside", Points: []*claim.Point{externalIPOutside},
	Quote: "외부 시스템 노출용",
	Remark: claim.Remark{
		KO:   "클라우드에서는 Service마다 로드 밸런서 비용이 든다. HTTP 서비스가 여럿이면 Gateway API나 Ingress 하나로 받아 나누어 보낸다.",
		EN:   "In a cloud every such Service costs a balancer. Several HTTP services are better served by one Gateway or Ingress.",
		Docs: "/docs/concepts/services-networking/gateway/",
	},
	Needs: []claim.Need{claim.LoadBalancer, claim.OutsideMachine},
	Body: func(s *scenario.S) {
		pod, web, outside := s.List(s.Ready("app=web"))[0], s.ExposedOutside("web"), s.Outside()

		reaches := nodesReach(s, 20028, s.Nodes(), pod)
		closed := s.Contrast("neither the external IP at the Pod's own port nor an address that no Service has answers")

		s.Point(externalIPOutside, reaches, closed).Eventually(outside.HTTP(web.ExternalURL()+"/hostname")).
			Decides(BeAnsweredWith(pod.Name), Lasting(BeUnreached()))
		closed.Eventually(outside.HTTP(web.ExternalAt(8080))).Should(BeUnreached())
		if url := s.UnassignedURL(80); url != "" { // empty if the plugin's pools cannot be read
			closed.Eventually(outside.HTTP(url)).Should(BeUnreached())
		}
	},
	Sabotage: suite.Sabotage{
		Replace: "LoadBalancer,", By: "LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24],", Point: externalIPOutside,
	},
}
