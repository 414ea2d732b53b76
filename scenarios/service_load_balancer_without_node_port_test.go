package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var byWayOfNodePort = claim.P("traffic to the external IP goes by way of the node port", claim.False).
	KO("외부 IP로 들어온 트래픽은 노드 포트를 거쳐 간다")

// A balancer of a cloud usually sends traffic to node ports. One that brings packets for the external IP to a node as they are, as
// MetalLB does, needs none: the node's kube-proxy knows the external IP (Kubernetes docs, "Service", disabling load balancer NodePort
// allocation).
var serviceLoadBalancerWithoutNodePort = suite.Scenario{
	ID: "service.load-balancer-without-node-port", Points: []*claim.Point{byWayOfNodePort},
	Quote: "Node Port와 동일한 성격",
	Correction: claim.Text{
		KO: "LoadBalancer Service에는 기본적으로 노드 포트도 생기지만, 외부 IP로 들어온 트래픽이 노드 포트를 거치는지는 구현에 따라 다르다. MetalLB처럼 외부 IP로 온 패킷을 노드에 그대로 전달하는 로드 밸런서는 노드 포트 없이도(`allocateLoadBalancerNodePorts: false`) 동작한다.",
		EN: "A LoadBalancer Service has a node port by default, but whether traffic to its external IP goes by way of that depends on the implementation. A balancer such as MetalLB, which brings packets for the external IP to a node as they are, works without node ports (`allocateLoadBalancerNodePorts: false`).",
	},
	Remark: claim.Remark{
		KO:   "클라우드의 로드 밸런서는 노드 포트로 트래픽을 보내는 경우가 많으므로 `allocateLoadBalancerNodePorts: false`를 쓰기 전에 구현체의 문서를 확인한다.",
		EN:   "The balancer of a cloud often sends traffic to node ports, so read the documentation of yours before you set `allocateLoadBalancerNodePorts: false`.",
		Docs: "/docs/concepts/services-networking/service/#load-balancer-nodeport-allocation",
	},
	Needs: []claim.Need{claim.LoadBalancer, claim.LayerTwoBalancer, claim.OutsideMachine},
	Body: func(s *scenario.S) {
		pod, node := s.List(s.Ready("app=web"))[0], s.NodeOf(s.List(s.Ready("app=host"))[0])
		without, outside := s.ExposedOutside("without"), s.Outside()

		reaches := nodesReach(s, 20029, []scenario.Node{node}, pod)
		none := s.Contrast("the Service has no node port, and its own port is closed on the node").
			Expect(without).Should(ConsistOf(Not(HaveNodePorts()))).
			Eventually(outside.HTTP(node.Port(9029))).Should(BeUnreached())
		s.Point(byWayOfNodePort, reaches, none).Eventually(outside.HTTP(without.ExternalURL()+"/hostname")).
			Decides(Lasting(BeUnreached()), BeAnsweredWith(pod.Name))
	},
	Sabotage: suite.Sabotage{Replace: "LoadBalancer, allocate", By: "LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24], allocate", Point: byWayOfNodePort},
}
