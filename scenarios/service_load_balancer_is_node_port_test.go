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
	balancerIsNodePort = claim.P("a LoadBalancer Service also has a node port and a ClusterIP, which work", claim.True).KO("LoadBalancer Service에는 동작하는 노드 포트와 ClusterIP도 있다")
	balancerTakesBoth  = claim.P("it takes TCP and UDP together, as a NodePort Service does", claim.TrueFrom("1.24")).
				KO("NodePort Service처럼 TCP와 UDP 포트를 함께 가질 수 있다")
)

// Each Service type extends the one before: a ClusterIP, then a node port, then an external IP (Kubernetes docs, "Service",
// publishing Services). The first two do not depend on the third, so no plugin is needed. Different protocols in one Service are
// accepted from 1.24 on (gate MixedProtocolLBService).
var serviceLoadBalancerIsNodePort = suite.Scenario{
	ID: "service.load-balancer-is-node-port", Points: []*claim.Point{balancerIsNodePort, balancerTakesBoth}, Needs: []claim.Need{claim.OutsideMachine},
	Quote: "Node Port와 동일한 성격",
	Correction: claim.Text{
		KO: "LoadBalancer Service에도 기본적으로 ClusterIP와 노드 포트가 함께 생긴다(`allocateLoadBalancerNodePorts: false`이면 노드 포트는 생기지 않는다). TCP와 UDP를 한 LoadBalancer Service에 함께 쓰는 것은 1.24부터 받아들여지며, 실제로 되는지는 구현에 따라 다르다.",
		EN: "By default a LoadBalancer Service has a ClusterIP and a node port, too (with `allocateLoadBalancerNodePorts: false`, no node port). One that has TCP and UDP ports together is accepted from 1.24 on; whether it works depends on the implementation.",
	},
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

		atNodes := s.Witness("a NodePort Service of both protocols is accepted").Expect(s.Stored("service/both-at-nodes", "spec.ports.1.protocol")).Should(BeStored())
		more := s.Contrast("a port that is not asked for is not stored").Expect(s.Stored("service/both", "spec.ports.2")).Should(Not(BeStored()))
		s.Point(balancerTakesBoth, atNodes, more).Expect(s.Stored("service/both", "spec.ports.1.protocol")).Decides(BeStored(), Not(BeStored()))
	},
	Sabotage: suite.Sabotage{
		Replace: "LoadBalancer, selector", By: "LoadBalancer, externalTrafficPolicy: Local, selector", Point: balancerIsNodePort,
	},
}
