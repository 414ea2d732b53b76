package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A Service leads to the Pods it selects that are ready; publishNotReadyAddresses makes it lead to the others as well
// (Kubernetes docs, "Service").
var serviceReadyPods = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "service.ready-pods",
		Quote: "A Service sends traffic to every Pod that has the labels it selects.",
		Points: []claim.Point{
			{Says: "a ready Pod with the labels gets traffic", Expect: claim.True},
			{Says: "a Pod with the labels that is not ready gets traffic", Expect: claim.False},
		},
		Correction: claim.Text{EN: "A Service sends traffic to the Pods that have the labels it selects and are ready."},
	},
	Body: func(s *scenario.S) {
		client := s.Ready("app=client").In("")
		ready := s.List(s.Ready("app=web,probe=passes"))
		unready := s.Pods("app=web,probe=fails")
		s.Eventually(unready).Should(ConsistOf(And(BeInPhase(corev1.PodRunning), Not(BeReady()))))
		all := append(s.List(unready), ready...)

		web := client.Answers(s.Service("web").URL()+"/hostname", 20)
		eager := client.Answers(s.Service("eager").URL()+"/hostname", 20)
		s.Control("a Service that publishes Pods which are not ready leads to both").Eventually(eager).Should(ComeFromEachOf(all))

		s.Point("a ready Pod with the labels gets traffic").Eventually(web).Should(Or(ComeFromEachOf(ready), ComeFromEachOf(all)))
		s.Point("a Pod with the labels that is not ready gets traffic").
			Eventually(web).Tells(ComeFromEachOf(all), ComeFromEachOf(ready))
	},
	Sabotage: scenario.Sabotage{
		Replace: "publishNotReadyAddresses: false", By: "publishNotReadyAddresses: true",
		Point: "a Pod with the labels that is not ready gets traffic",
	},
}
