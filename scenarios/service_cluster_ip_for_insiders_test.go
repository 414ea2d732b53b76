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
	getForwards      = claim.P("the right to get pods/portforward is enough to forward ports", claim.TrueBefore("1.35")).
				KO("pods/portforward의 get 권한만 있어도 포트 포워딩을 할 수 있다")
	ipIsObject = claim.P("a ClusterIP is an object of its own, which goes with its Service", claim.TrueFrom("1.33")).
			KO("ClusterIP마다 IPAddress 오브젝트가 있고, Service와 함께 사라진다")
)

// A ClusterIP is an address in the rules of the cluster's nodes. Outside the cluster there is no route to it. The API server
// does not use it: it connects to the Service's Pods, for users with permission for `services/proxy` or `pods/portforward`
// (Kubernetes docs, "Access Services Running on Clusters"). A client that asks over WebSocket makes a GET. Before 1.35 the right to get
// was therefore enough; since then the API server also asks for the right to create (gate
// AuthorizePodWebsocketUpgradeCreatePermission, kubernetes#133515). From 1.33 on, the allocation of a ClusterIP is an object IPAddress,
// which an operator can see (gate MultiCIDRServiceAllocator, KEP-1880).
var serviceClusterIPForInsiders = suite.Scenario{
	ID: "service.cluster-ip-for-insiders", Points: []*claim.Point{clusterIPInside, clusterIPOutside, operatorReaches, strangerRefused, getForwards, ipIsObject},
	Quote: "인가된 사용자 (운영자), 내부 대쉬보드, Pod의 서비스상태 디버깅 용으로 사용한다.",
	Correction: claim.Text{
		KO: "그대로 맞는 말이다. 다만 운영자는 ClusterIP가 아니라 API 서버를 거쳐(`kubectl proxy`, `kubectl port-forward`) Service의 Pod에 접근한다. 1.35 전에는 `pods/portforward`의 get 권한만 있어도 WebSocket으로 포트 포워딩을 할 수 있었고, 1.35부터는 create 권한이 있어야 한다. 어떤 ClusterIP를 어느 Service가 쓰는지는 1.33부터 `kubectl get ipaddresses`로 볼 수 있다.",
		EN: "That is so. But an operator reaches the Service's Pods by way of the API server (`kubectl proxy`, `kubectl port-forward`), not at the ClusterIP. Before 1.35 the right to get `pods/portforward` was enough to forward ports over WebSocket; from 1.35 on it takes the right to create. From 1.33 on, `kubectl get ipaddresses` shows which Service has which ClusterIP.",
	},
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
		// Of a user with the right, the API server wants an upgrade of the connection, which these GETs do not have.
		passes, not := Mention("pgrade request required"), Mention("is forbidden")
		notGet := s.Contrast("the operator, who may create but not get, is refused").Expect(s.As("operator").GetPortForward(web)).Should(not)
		s.Point(getForwards, serves, allowed, notGet).Expect(s.As("reader").GetPortForward(web)).Decides(passes, not)

		addressOf := func(service scenario.Service) probe.Look { return s.AddressOwner(service.Was.Spec.ClusterIP) }
		free := s.Contrast("the address of a Pod is no such object").Expect(s.AddressOwner(pod.Status.PodIP)).Should(BeNoObject())
		s.Point(ipIsObject, serves, free).Expect(addressOf(s.Service("web"))).Decides(BelongTo(s.Service("web").Was), BeNoObject())
		deleted := s.Service("nobody")
		s.DeleteObject("service/nobody")
		s.Supporting(ipIsObject).Eventually(addressOf(deleted)).Should(BeNoObject())
	},
	Sabotage: suite.Sabotage{Replace: "services/proxy", By: "services/status", Point: operatorReaches},
	Also:     []suite.Sabotage{{Replace: "verbs: [get]}]}\n", By: "verbs: [get, create]}]}\n", Point: getForwards}},
}
