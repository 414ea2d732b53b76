package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Kubernetes brings no load balancer of its own: the address comes from whoever watches Services of this type, such as
// a cloud's controller or MetalLB (Kubernetes docs, "Service", type LoadBalancer).
var serviceLoadBalancerNeedsPlugin = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "service.load-balancer-needs-plugin",
		Quote: "Load Balancer의 외부 접속 IP는 기본적으로 생기지 않는다. 별도의 외부 접속 IP를 할당하는 플러그인이 설치되어야지 외부 접속 IP 할당이 가능하다.",
		Points: []claim.Point{
			{Says: "there is no external IP without a plugin", Expect: claim.True},
			{Says: "with a plugin it gets an external IP", Expect: claim.True},
		},
		Needs: []claim.Need{claim.NoLoadBalancer, claim.ClusterMutation},
	},
	Body: func(s *scenario.S) {
		web, client := s.Service("web"), s.Ready("app=client").In("")
		s.Ready("app=web")

		s.Control("the Service without an external IP is at work all the same").
			Eventually(client.HTTP(web.URL() + "/hostname")).Should(BeAnswered())
		s.Point("there is no external IP without a plugin").Consistently(web).Should(ConsistOf(Not(HaveExternalIP())))

		s.InstallLoadBalancer()
		s.Point("with a plugin it gets an external IP").
			Eventually(web).Should(ConsistOf(And(HaveExternalIP(), BeTheSameService([]corev1.Service{web.Was}))))
	},
	Sabotage: scenario.Sabotage{
		Replace: "{type: LoadBalancer,",
		By:      "{type: LoadBalancer, loadBalancerClass: example.com/nobody,",
		Point:   "with a plugin it gets an external IP",
	},
}
