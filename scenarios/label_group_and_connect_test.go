package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A Service and a ReplicaSet name no Pods: whatever carries the labels of their selectors is theirs, and only as long
// as it does (Kubernetes docs, "Labels and Selectors", API objects).
var labelGroupAndConnect = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "label.group-and-connect",
		Quote: "라벨은 목적에 따라 Object를 분류하고, 그 오브젝트를 따로 연결하기 위함",
		Points: []claim.Point{
			{Says: "selectors group objects", Expect: claim.True},
			{Says: "a selector connects a Service to Pods", Expect: claim.True},
		},
	},
	Body: func(s *scenario.S) {
		web, other, endpoints := s.Ready("app=web,replica"), s.Ready("app=other"), s.Endpoints("web")

		for _, kind := range []string{"service", "configmap", "deployment"} {
			s.Point("selectors group objects").Expect(s.Objects(kind, "app=web")).Should(ConsistOf("web"))
			s.Point("selectors group objects").Expect(s.Objects(kind, "app=other")).Should(ConsistOf("other"))
		}

		s.Eventually(s.Pods("app=web,!replica")).Should(ConsistOf(And(BeInPhase(corev1.PodRunning), Not(BeReady()))))
		connects := s.Point("a selector connects a Service to Pods")
		connects.Eventually(endpoints).Should(LeadTo(s.List(web)))
		connects.Eventually(other.In("").HTTP("http://web:8080/hostname")).Should(BeAnswered())

		relabelled := s.Control("a relabelled Pod leaves the Service, and its ReplicaSet makes another")
		old := s.List(web)
		s.Label("pod/"+old[0].Name, "app", "aside")
		relabelled.Eventually(web).Should(ConsistOf(And(BeReady(), BeAmong(old[1:])), And(BeReady(), Not(BeAmong(old)))))
		relabelled.Eventually(endpoints).Should(LeadTo(s.List(web)))
		relabelled.Expect(s.Pods("app=aside")).Should(ConsistOf(And(BeReady(), BeAmong(old[:1]))))
	},
	Sabotage: scenario.Sabotage{
		Replace: "{name: web, labels: {app: web}}\n  spec:\n", By: "{name: web, labels: {app: shop}}\n  spec:\n",
		Point: "selectors group objects",
	},
}
