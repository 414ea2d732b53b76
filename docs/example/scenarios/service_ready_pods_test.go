package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	readyGetsTraffic   = claim.P("a ready Pod with the labels gets traffic", claim.True)
	unreadyGetsTraffic = claim.P("a Pod with the labels that is not ready gets traffic", claim.False)
)

// A Service forwards traffic to those of its Pods that are ready; with publishNotReadyAddresses also to the others (Kubernetes
// docs, "Service").
var serviceReadyPods = suite.Scenario{
	ID: "service.ready-pods", Points: []*claim.Point{readyGetsTraffic, unreadyGetsTraffic},
	Quote:      "A Service sends traffic to every Pod that has the labels it selects.",
	Correction: claim.Text{EN: "A Service sends traffic to the Pods that have the labels it selects and are ready."},
	Body: func(s *scenario.S) {
		// Steps bring the cluster into the state that is needed. Readiness is a step; it never decides a point.
		client, ready, unready := s.Ready("app=client").In(""), s.List(s.Ready("probe=passes")), s.Pods("probe=fails")
		s.Eventually(unready).Should(ConsistOf(And(BeInPhase(corev1.PodRunning), Not(BeReady()))))
		web, eager, all := s.Service("web"), s.Service("eager"), append(s.List(unready), ready...)

		// The witness shows that client and servers work without a Service.
		serve := s.Witness("the client reaches both Pods at their own IPs")
		for _, pod := range all {
			serve = serve.Eventually(client.HTTP(scenario.PodURL(pod, 8080) + "/hostname")).Should(BeAnsweredWith(pod.Name))
		}

		// A contrast is the same mechanism where the answer must be the opposite one.
		published := s.Contrast("a Service that publishes Pods which are not ready leads to both").
			Eventually(client.Answers(eager.URL()+"/hostname", 20)).Should(ComeFromEachOf(all))
		closed := s.Contrast("a port that the Service does not have leads nowhere").Consistently(client.HTTP(web.At(81))).Should(BeUnreached())

		// A point has a matcher for each of its two answers. A look that matches neither decides nothing.
		s.Point(readyGetsTraffic, serve, closed).Eventually(client.HTTP(web.URL()+"/hostname")).
			Decides(BeAnsweredWith("ready"), Lasting(BeUnreached()))
		s.Point(unreadyGetsTraffic, serve, published).Eventually(client.Answers(web.URL()+"/hostname", 20)).
			Decides(ComeFromSomeOf(s.List(unready)), ComeFromEachOf(ready))
	},
	Sabotage: suite.Sabotage{Replace: "publishNotReadyAddresses: false", By: "publishNotReadyAddresses: true", Point: unreadyGetsTraffic},
}
