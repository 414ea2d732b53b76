package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var balancerIsNodePort = claim.P("a LoadBalancer Service also has a node port and a ClusterIP, which work", claim.True).KO("LoadBalancer Service에는 동작하는 노드 포트와 ClusterIP도 있다")

// Each Service type extends the one before: a ClusterIP, then a node port, then an external IP (Kubernetes docs, "Service",
// publishing Services). The first two do not depend on the third, so no plugin is needed.
var serviceLoadBalancerIsNodePort = suite.Scenario{
	ID: "service.load-balancer-is-node-port", Points: []*claim.Point{balancerIsNodePort}, Needs: []claim.Need{claim.OutsideMachine},
	Quote: "Node Port와 동일한 성격",
	Remark: claim.Remark{
		KO:   "API에서는 노드 포트가 함께 생기지만, 외부 IP로 온 트래픽이 꼭 노드 포트를 거치지는 않는다. 필요 없으면 `allocateLoadBalancerNodePorts: false`로 만들지 않을 수 있다.",
		EN:   "In the API a node port comes with it, but traffic to the external IP need not pass it. `allocateLoadBalancerNodePorts: false` leaves it out.",
		Docs: "/docs/concepts/services-networking/service/",
	},
	Body: func(s *scenario.S) {
		pod, hosts, nodes, outside := s.List(s.Ready("app=web"))[0], s.Ready("app=host"), s.Nodes(), s.Outside()
		web, without := s.Service("web"), s.Service("without")

		reaches := nodesReach(s, 20025, nodes, pod)
		none := s.Contrast("with allocateLoadBalancerNodePorts: false it has no node port").
			Expect(without).Should(ConsistOf(Not(HaveNodePorts())))
		closed := s.Contrast("the port that the Service has at its ClusterIP is closed on the nodes")

		s.Point(balancerIsNodePort, reaches, none).Expect(web).Decides(ConsistOf(HaveNodePorts()), ConsistOf(Not(HaveNodePorts())))
		for _, node := range nodes {
			closed.Eventually(outside.HTTP(node.Port(9025))).Should(BeUnreached())
			for _, look := range []probe.Look{outside.HTTP(web.OnNode(node) + "/hostname"), hosts.On(node.Name).In("").HTTP(web.URL() + "/hostname")} {
				s.Point(balancerIsNodePort, reaches, closed).Eventually(look).Decides(BeAnsweredWith(pod.Name), Lasting(BeUnreached()))
			}
		}
	},
	Sabotage: suite.Sabotage{
		Replace: "LoadBalancer, selector", By: "LoadBalancer, externalTrafficPolicy: Local, selector", Point: balancerIsNodePort,
	},
}
