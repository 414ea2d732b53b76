package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	podHasOwnIP      = claim.P("every Pod that does not use its node's network gets its own IP", claim.True).KO("노드의 네트워크를 쓰지 않는 Pod는 저마다 고유한 IP를 받는다")
	reachableInside  = claim.P("it is reachable inside the cluster", claim.True).KO("클러스터 안에서는 Pod의 IP에 접근할 수 있다")
	unreachedOutside = claim.P("it is not reachable from outside", claim.True).KO("클러스터 밖에서는 Pod의 IP에 접근할 수 없다")
)

// The cluster's network gives each Pod an IP that all Pods and nodes can reach (Kubernetes docs, "Cluster Networking"). A
// machine that is not part of the cluster has no route to these IPs; with a route it reaches them.
var podIPInsideOnly = suite.Scenario{
	ID: "pod.ip-inside-only", Points: []*claim.Point{podHasOwnIP, reachableInside, unreachedOutside},
	Quote: "Pod가 생성될때 고유한 아이피가 할당된다. 쿠버네티스 클러스 안에서만 해당 아이피로 접근 가능",
	Remark: claim.Remark{
		KO:   "밖에서 닿지 않는 것은 보호되기 때문이 아니라 경로가 없기 때문이다. 경로만 추가하면 닿는다. 클러스터 안에서는 기본적으로 모든 Pod가 서로 통신할 수 있으며, 막으려면 NetworkPolicy와 이를 지원하는 CNI가 필요하다.",
		EN:   "What keeps outsiders away is the lack of a route, not protection. Inside the cluster every Pod may talk to every other by default; NetworkPolicies, and a CNI that enforces them, isolate.",
		Docs: "/docs/concepts/services-networking/network-policies/",
	},
	Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	Body: func(s *scenario.S) {
		nodes, outside := s.Nodes(), s.Outside()
		web, client, host, own := s.Pods("app=web"), s.Pods("app=client"), s.Pods("app=host"), s.Pods("app in (web, client)")
		for _, pods := range []scenario.Pods{web, client, host} {
			s.Eventually(pods).Should(And(HaveLen(len(nodes)), HaveEach(BeReady())))
		}

		listed := s.Witness("two of these Pods are listed on each node").Expect(own).Should(HaveLen(2 * len(nodes)))
		shared := s.Contrast("Pods in the network of their node have its IP").Expect(host).Should(HaveEach(HaveTheirNodesIP()))
		s.Point(podHasOwnIP, listed, shared).Expect(own).
			Decides(And(HaveAnIPEach(), HaveEach(Not(HaveTheirNodesIP()))), Or(ShareAnIP(), ContainElement(HaveTheirNodesIP())))

		serves := s.Witness("on each node servers and clients work within their own Pod")
		refused := s.Contrast("a port of such an IP at which nothing listens is refused").
			Eventually(client.On(nodes[0].Name).In("").HTTP(scenario.PodURL(s.List(web.On(nodes[1].Name))[0], 8079))).Should(BeRefused())
		for _, pair := range pairs(nodes) {
			next := s.List(web.On(pair[1].Name))[0]
			for _, from := range []scenario.Pods{client.On(pair[0].Name), host.On(pair[0].Name)} {
				serves = serves.Eventually(from.In("").HTTP("http://localhost:18080")).Should(BeAnswered()).
					Eventually(web.On(next.Spec.NodeName).In("").HTTP("http://localhost:8080")).Should(BeAnsweredWith(next.Name))
				s.Point(reachableInside, serves, refused).Eventually(from.In("").HTTP(scenario.PodURL(next, 8080))).
					Decides(BeAnsweredWith(next.Name), Lasting(BeUnreached()))
			}
		}

		pod := s.List(web.On(nodes[0].Name))[0]
		url := scenario.PodURL(pod, 8080)
		reaches := s.Witness("the machine outside reaches a Pod in the network of the same node").
			Eventually(outside.HTTP(nodes[0].Port(18080))).Should(BeAnswered())
		remove := s.RouteOutside(pod.Status.PodIP, nodes[0])
		routed := s.Contrast("given a route to it, the machine outside reaches the Pod").
			Eventually(outside.HTTP(url)).Should(BeAnsweredWith(pod.Name))
		remove()
		s.Point(unreachedOutside, reaches, routed).Consistently(outside.HTTP(url)).Decides(Lasting(BeUnreached()), BeAnswered())
	},
	Sabotage: suite.Sabotage{Replace: "containers: [{name: web,", By: "hostNetwork: true, containers: [{name: web,", Point: unreachedOutside},
}

// pairs returns pairs of nodes, each node with itself too, so that a request and its reply between each pair use every route of
// up to 8 nodes, and of more nodes those between each node and the next 4.
func pairs(nodes []scenario.Node) [][2]scenario.Node {
	var all [][2]scenario.Node
	for ahead := 0; ahead <= min(len(nodes)/2, 4); ahead++ {
		for i, node := range nodes {
			all = append(all, [2]scenario.Node{node, nodes[(i+ahead)%len(nodes)]})
		}
	}
	return all
}
