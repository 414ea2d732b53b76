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
	saysIPMode        = claim.P("the Service then says how nodes treat the external IP (ipMode)", claim.TrueFrom("1.30")).
				KO("그 Service의 상태에 노드가 외부 IP를 어떻게 다루는지(ipMode)가 표시된다")
)

// Kubernetes has no load balancer: a controller that watches Services of this type assigns the address, such as that of a cloud
// or MetalLB (Kubernetes docs, "Service", type LoadBalancer). From 1.30 on the status says whether nodes take packets to the address
// themselves, VIP, or leave them to the balancer, Proxy (gate LoadBalancerIPMode).
var serviceLoadBalancerNeedsPlugin = suite.Scenario{
	ID: "service.load-balancer-needs-plugin", Points: []*claim.Point{noIPWithoutPlugin, ipWithPlugin, saysIPMode},
	Quote: "Load Balancer의 외부 접속 IP는 기본적으로 생기지 않는다. 별도의 외부 접속 IP를 할당하는 플러그인이 설치되어야지 외부 접속 IP 할당이 가능하다.",
	Correction: claim.Text{
		KO: "그대로 맞는 말이다. 클라우드에서는 클라우드의 컨트롤러가, 직접 구축한 클러스터에서는 MetalLB 같은 플러그인이 외부 IP를 할당한다. 1.30부터는 Service의 `status.loadBalancer.ingress[].ipMode`에 노드가 그 IP를 직접 처리하는지(VIP) 로드 밸런서에 맡기는지(Proxy)가 표시된다.",
		EN: "That is so: in a cloud its controller assigns the external IP, elsewhere a plugin such as MetalLB. From 1.30 on, `status.loadBalancer.ingress[].ipMode` says whether nodes take traffic to that IP themselves (VIP) or leave it to the balancer (Proxy).",
	},
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
		shown := s.Witness("the API server shows the Service with its external IP").Expect(web).Should(given)
		without := s.Contrast("a Service without an external IP says nothing of it").Expect(foreign).Should(ConsistOf(Not(HaveIPMode())))
		s.Point(saysIPMode, shown, without).Expect(web).Decides(ConsistOf(HaveIPMode()), ConsistOf(Not(HaveIPMode())))
	},
	Sabotage: suite.Sabotage{
		Replace: "LoadBalancer, ports:", By: "LoadBalancer, loadBalancerClass: example.com/nobody, ports:", Point: ipWithPlugin,
	},
}
