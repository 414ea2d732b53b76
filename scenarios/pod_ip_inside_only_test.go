package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The cluster's network gives each Pod an IP and leads to it from all Pods and nodes (Kubernetes docs, "Cluster
// Networking"); machines that are not part of the cluster have no route to these IPs.
var podIPInsideOnly = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "pod.ip-inside-only",
		Quote: "Pod가 생성될때 고유한 아이피가 할당된다. 쿠버네티스 클러스 안에서만 해당 아이피로 접근 가능",
		Points: []claim.Point{
			{Says: "every Pod gets its own IP", Expect: claim.True},
			{Says: "it is reachable inside the cluster", Expect: claim.True},
			{Says: "it is not reachable from outside", Expect: claim.True},
		},
		Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		nodes, outside := s.Nodes(), s.Outside()
		web, client, host := s.Pods("app=web"), s.Pods("app=client"), s.Pods("app=host")
		for _, pods := range []scenario.Pods{web, client, host} {
			s.Eventually(pods).Should(And(HaveLen(len(nodes)), HaveEach(BeReady())))
		}

		s.Point("every Pod gets its own IP").Expect(s.Pods("app in (web, client)")).Should(HaveAnIPEach())
		s.Beside("every Pod gets its own IP").Expect(host).Should(HaveEach(HaveTheirNodesIP())) // hostNetwork is the exception

		url := scenario.PodURL(s.List(web)[0], 8080) + "/hostname"
		for _, node := range nodes { // the Pod's own node, and all others
			reachable := s.Point("it is reachable inside the cluster")
			reachable.Eventually(client.On(node.Name).In("").HTTP(url)).Should(BeAnswered())
			reachable.Eventually(host.On(node.Name).In("").HTTP(url)).Should(BeAnswered())
			s.Control("the machine outside reaches these Pods through a node port").
				Eventually(outside.HTTP(s.Service("web").OnNode(node) + "/hostname")).Should(BeAnswered())
		}
		s.Point("it is not reachable from outside").Consistently(outside.HTTP(url)).Should(Not(BeAnswered()))
	},
	Sabotage: scenario.Sabotage{
		Replace: "spec: {containers: [{name: web", By: "spec: {hostNetwork: true, containers: [{name: web",
		Point: "it is not reachable from outside",
	},
}
