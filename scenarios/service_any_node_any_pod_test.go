package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var nodeReachesAnyPod = claim.P("traffic into one node reaches Pods on other nodes", claim.True).KO("한 노드로 들어온 트래픽이 다른 노드의 Pod에도 전달된다")

// With the default policy, Cluster, a node forwards traffic to any ready Pod of the Service, on any node (Kubernetes docs,
// "Virtual IPs and Service Proxies"). Each Service here has one Pod, so that the result does not depend on the proxy's choice.
var serviceAnyNodeAnyPod = suite.Scenario{
	ID: "service.any-node-any-pod", Points: []*claim.Point{nodeReachesAnyPod},
	Quote: "service 어떤 노드에서 온 트래픽에 상관 없이 자신에게 달려 있는 Pod에게 트래픽을 전달한다.",
	Remark: claim.Remark{
		KO:   "다른 노드를 거친 요청은 한 번 더 이동하고, Pod에는 클라이언트 대신 노드의 IP가 보인다. 클러스터 안의 트래픽은 `internalTrafficPolicy`와 `trafficDistribution`으로 가까운 Pod에 보낼 수 있다.",
		EN:   "A request through another node takes one more hop, and the Pod sees the node's IP instead of the client's. Inside the cluster `internalTrafficPolicy` and `trafficDistribution` keep traffic close.",
		Docs: "/docs/concepts/services-networking/service-traffic-policy/",
	},
	Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	Body: func(s *scenario.S) {
		pods, hosts := s.List(s.Ready("app=web")), s.Ready("app=host") // on two nodes, and on all
		nodes, outside, local := s.Nodes(), s.Outside(), s.Service("local")

		reaches := nodesReach(s, 20022, nodes, pods...)
		here, there := s.NodeOf(pods[0]), s.NodeOf(pods[1])
		kept := s.Contrast("under the Local policy only the node of the Pod hands traffic to it").
			Eventually(outside.HTTP(local.OnNode(here) + "/hostname")).Should(BeAnsweredWith(pods[0].Name)).
			Eventually(outside.HTTP(local.OnNode(there) + "/hostname")).Should(BeUnreached())

		for _, node := range nodes {
			for _, pod := range pods {
				if pod.Spec.NodeName == node.Name {
					continue
				}
				service := s.Service(pod.Name)
				s.Point(nodeReachesAnyPod, reaches, kept).Eventually(outside.HTTP(service.OnNode(node)+"/hostname")).
					Decides(BeAnsweredWith(pod.Name), Lasting(BeUnreached()))
				s.Point(nodeReachesAnyPod, reaches, kept).Eventually(hosts.On(node.Name).In("").HTTP(service.URL()+"/hostname")).
					Decides(BeAnsweredWith(pod.Name), Lasting(BeUnreached()))
			}
		}
	},
	Sabotage: suite.Sabotage{Replace: "externalTrafficPolicy: Cluster", By: "externalTrafficPolicy: Local", Point: nodeReachesAnyPod},
}
