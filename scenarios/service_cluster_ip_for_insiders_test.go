package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	clusterIPInside  = claim.P("a ClusterIP answers inside the cluster", claim.True).KO("ClusterIP는 클러스터 안에서 응답한다")
	clusterIPOutside = claim.P("it does not answer outside", claim.True).KO("ClusterIP는 클러스터 밖에서는 응답하지 않는다")
	operatorReaches  = claim.P("an authorised operator reaches it through the API server", claim.True).KO("권한을 받은 운영자는 API 서버를 거쳐 접근할 수 있다")
	strangerRefused  = claim.P("a user without the right is refused", claim.True).KO("권한이 없는 사용자는 거부된다")
)

// A ClusterIP is an address in the rules of the cluster's nodes. Outside the cluster there is no route to it. The API server
// does not use it: it connects to the Service's Pods, for users with permission for `services/proxy` or `pods/portforward`
// (Kubernetes docs, "Access Services Running on Clusters").
var serviceClusterIPForInsiders = suite.Scenario{
	ID: "service.cluster-ip-for-insiders", Points: []*claim.Point{clusterIPInside, clusterIPOutside, operatorReaches, strangerRefused},
	Quote: "인가된 사용자 (운영자), 내부 대쉬보드, Pod의 서비스상태 디버깅 용으로 사용한다.",
	Remark: claim.Remark{
		KO:   "ClusterIP가 밖에서 응답하지 않는 것은 경로가 없기 때문이지 보호되기 때문이 아니다. API 서버의 프록시와 `kubectl port-forward`는 ClusterIP가 아니라 Pod에 직접 연결하며, 쓸 권한은 RBAC으로 준다. 디버깅에 쓰고 서비스 제공에는 쓰지 않는다.",
		EN:   "A ClusterIP does not answer outside for want of a route, not because it is protected. The API server's proxy and `kubectl port-forward` connect to a Pod, not to the ClusterIP, and RBAC grants them. They are for debugging, not for serving.",
		Docs: "/docs/tasks/access-application-cluster/access-cluster-services/",
	},
	Needs: []claim.Need{claim.OutsideMachine},
	Body: func(s *scenario.S) {
		web, client, host := s.Ready("app=web"), s.Ready("app=client").In(""), s.Ready("app=host")
		pod, node, inNode, outside := s.List(web)[0], s.NodeOf(s.List(host)[0]), host.In(""), s.Outside()
		atClusterIP, atPod := s.Service("web").URL()+"/hostname", scenario.PodURL(pod, 8080)+"/hostname"

		serves := s.Witness("a Pod and a node reach the server at its Pod's own IP").
			Eventually(client.HTTP(atPod)).Should(BeAnsweredWith("web")).
			Eventually(inNode.HTTP(atPod)).Should(BeAnsweredWith("web"))
		nobody := s.Contrast("the ClusterIP of a Service without Pods does not answer")
		for _, inside := range []probe.Shell{client, inNode} {
			s.Point(clusterIPInside, serves, nobody).
				Eventually(inside.HTTP(atClusterIP)).Decides(BeAnsweredWith("web"), Lasting(BeUnreached()))
			nobody.Eventually(inside.HTTP(s.Service("nobody").URL())).Should(BeUnreached())
		}

		sees := s.Witness("the machine outside reaches a Pod in the node's own network").
			Eventually(outside.HTTP(node.Port(20020))).Should(BeAnsweredWith("host"))
		remove := s.RouteOutside(s.Service("web").Was.Spec.ClusterIP, node)
		routed := s.Contrast("with a route to the ClusterIP by way of a node the machine outside is answered").
			Eventually(outside.HTTP(atClusterIP)).Should(BeAnsweredWith("web"))
		remove()
		s.Point(clusterIPOutside, sees, routed).
			Consistently(outside.HTTP(atClusterIP)).Decides(Lasting(BeUnreached()), BeAnsweredWith("web"))

		allowed, refused := s.Contrast("the operator is answered"), s.Contrast("the stranger is refused")
		for _, way := range []func(probe.Cluster) probe.Look{
			func(as probe.Cluster) probe.Look { return as.ServiceProxy("web", 9000, "/hostname") },
			func(as probe.Cluster) probe.Look { return as.PortForward(web, 8080, "/hostname") },
		} {
			operator, stranger := way(s.As("operator")), way(s.As("stranger"))
			s.Point(operatorReaches, serves, refused).Eventually(operator).Decides(BeAnsweredWith("web"), Lasting(Or(BeForbidden(), BeUnreached())))
			s.Point(strangerRefused, serves, allowed).Expect(stranger).Decides(BeForbidden(), BeAnsweredWith("web"))
			allowed.Eventually(operator).Should(BeAnsweredWith("web"))
			refused.Expect(stranger).Should(BeForbidden())
		}
	},
	Sabotage: suite.Sabotage{Replace: "services/proxy", By: "services/status", Point: operatorReaches},
}
