package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	noIPWithoutPlugin = claim.P("there is no external IP without a plugin", claim.True).KO("플러그인이 없으면 외부 IP가 생기지 않는다")
	ipWithPlugin      = claim.P("with a plugin it gets an external IP", claim.True).KO("플러그인이 있으면 외부 IP를 받는다")
)

// Kubernetes has no load balancer: a controller that watches Services of this type assigns the address, such as that of a cloud
// or MetalLB (Kubernetes docs, "Service", type LoadBalancer).
var serviceLoadBalancerNeedsPlugin = suite.Scenario{
	ID: "service.load-balancer-needs-plugin", Points: []*claim.Point{noIPWithoutPlugin, ipWithPlugin},
	Quote: "Load Balancer의 외부 접속 IP는 기본적으로 생기지 않는다. 별도의 외부 접속 IP를 할당하는 플러그인이 설치되어야지 외부 접속 IP 할당이 가능하다.",
	Remark: claim.Remark{
		KO:   "여러 구현이 있으면 `loadBalancerClass`로 고른다. `externalIPs`로도 외부 IP를 지정할 수 있지만 보안 문제 때문에 권장하지 않는다.",
		EN:   "Where there are several implementations, `loadBalancerClass` chooses one. `externalIPs` also sets an external IP, and is discouraged because it is insecure.",
		Docs: "/docs/concepts/services-networking/service/#load-balancer-class",
	},
	Needs: []claim.Need{claim.NoLoadBalancer, claim.ClusterMutation},
	Body: func(s *scenario.S) {
		web, foreign := s.Service("web"), s.Service("foreign")
		given, not := ConsistOf(HaveExternalIP()), ConsistOf(Not(HaveExternalIP()))

		stored := s.Witness("the API server shows the Service with its ClusterIP").
			Expect(web).Should(ConsistOf(BeTheSameService([]corev1.Service{web.Was})))
		with := s.Contrast("with a plugin the same Service is given one")
		s.Point(noIPWithoutPlugin, stored, with).Consistently(web).Decides(Lasting(not), given)

		s.InstallLoadBalancer()
		with.Eventually(web).Should(given)
		ignored := s.Contrast("the plugin gives none to a Service of another loadBalancerClass")
		s.Point(ipWithPlugin, stored, ignored).Eventually(web).Decides(given, Lasting(not))
		ignored.Consistently(foreign).Should(not)
	},
	Sabotage: suite.Sabotage{
		Replace: "LoadBalancer, ports:", By: "LoadBalancer, loadBalancerClass: example.com/nobody, ports:", Point: ipWithPlugin,
	},
}
