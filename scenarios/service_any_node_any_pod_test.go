package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	nodeReachesAnyPod = claim.P("traffic into one node reaches Pods on other nodes", claim.True).KO("한 노드로 들어온 트래픽이 다른 노드의 Pod에도 전달된다")
	keptOnNode        = claim.P("a Service can be told to keep traffic on the caller's node if it has a Pod there, and only then", claim.TrueFrom("1.34").
				Except(claim.ProxyMode, "none", "what replaces kube-proxy may ignore it")).
				KO("클라이언트가 있는 노드에 Pod가 있을 때만 트래픽이 그 노드를 벗어나지 않도록 Service에 지정할 수 있다")
)

// With the default policy, Cluster, a node forwards traffic to any ready Pod of the Service, on any node (Kubernetes docs,
// "Virtual IPs and Service Proxies"). The Services by which that is seen have one Pod each, so that the result does not depend on the
// proxy's choice. With trafficDistribution PreferSameNode, callers on a node with a Pod of the Service reach that Pod only, and those on
// other nodes reach any (gate PreferSameTrafficDistribution, on by default from 1.34 on).
var serviceAnyNodeAnyPod = suite.Scenario{
	ID: "service.any-node-any-pod", Points: []*claim.Point{nodeReachesAnyPod, keptOnNode},
	Quote: "service 어떤 노드에서 온 트래픽에 상관 없이 자신에게 달려 있는 Pod에게 트래픽을 전달한다.",
	Remark: claim.Remark{
		KO:   "다른 노드를 거친 요청은 한 번 더 이동하고, Pod에는 클라이언트 대신 노드의 IP가 보인다. 클러스터 안의 트래픽은 `internalTrafficPolicy`와 `trafficDistribution`으로 가까운 Pod에 보낼 수 있다.",
		EN:   "A request through another node takes one more hop, and the Pod sees the node's IP instead of the client's. Inside the cluster `internalTrafficPolicy` and `trafficDistribution` keep traffic close.",
		Docs: "/docs/concepts/services-networking/service-traffic-policy/",
	},
	Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	Correction: claim.Text{
		KO: "기본 설정에서는 그렇다. 1.34부터 `trafficDistribution: PreferSameNode`를 지정하면, 클라이언트가 있는 노드에 Pod가 있는 동안에는 그 노드의 Pod로만 전달된다. `internalTrafficPolicy: Local`을 지정하면 그 노드에 Pod가 없을 때 아예 전달되지 않는다.",
		EN: "By default that is so. From 1.34 on, with `trafficDistribution: PreferSameNode`, callers reach only the Pods of their own node for as long as it has one. With `internalTrafficPolicy: Local` they reach none if it has none.",
	},
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

		inside := func(service string, pod corev1.Pod) probe.Look { // from the Pod's node
			return hosts.On(pod.Spec.NodeName).In("").Answers(s.Service(service).URL()+"/hostname", 20)
		}
		either := s.Contrast("of a Service that is told nothing, a node's callers reach Pods of both nodes").
			Eventually(inside("either", pods[0])).Should(ComeFromEachOf(pods))
		told := s.Point(keptOnNode, reaches, either)
		if knows(s, told, "service/near", "spec.trafficDistribution") {
			s.Create("service/near")
			for _, pod := range pods {
				told.Eventually(inside("near", pod)).Decides(ComeFrom([]corev1.Pod{pod}), Lasting(Not(ComeFrom([]corev1.Pod{pod}))))
			}
			for _, node := range nodes {
				if node.Name != here.Name && node.Name != there.Name {
					told.Eventually(hosts.On(node.Name).In("").Answers(s.Service("near").URL()+"/hostname", 20)).
						Decides(ComeFrom(pods), Lasting(GoUnanswered()))
				}
			}
		}
	},
	Sabotage: suite.Sabotage{Replace: "externalTrafficPolicy: Cluster", By: "externalTrafficPolicy: Local", Point: nodeReachesAnyPod},
	Also:     []suite.Sabotage{{Replace: "trafficDistribution: PreferSameNode", By: "trafficDistribution: PreferSameZone", Point: keptOnNode}},
}
