package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A Service's port is its own; targetPort says which port of the Pod it leads to, by number or by the name that the
// container gives to it (Kubernetes docs, "Service", port definitions).
var servicePortTargetPort = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "service.port-target-port",
		Quote:  "Service port 9000 으로 접근하는 경우 tartgetPort 8080, 즉 Pod 8080으로 접근한다는 내용이다.",
		Points: []claim.Point{{Says: "port 9000 leads to the Pod's 8080", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		pods, client := s.List(s.Ready("app=web")), s.Ready("app=client").In("")
		web, named := s.Service("web"), s.Service("named")

		s.Control("the Pod itself does not listen on 9000").
			Eventually(client.HTTP(scenario.PodURL(pods[0], 9000))).Should(BeRefused())
		s.Control("a named targetPort moves the same port to another listener").
			Eventually(client.HTTP(named.At(9000))).Should(BeAnsweredWith("listening-on-8081"))

		s.Point("port 9000 leads to the Pod's 8080").Eventually(client.HTTP(web.At(9000))).Should(BeAnsweredWith("listening-on-8080"))
		s.Control("the Service at 8080 does not answer").Consistently(client.HTTP(web.At(8080))).ShouldNot(BeAnswered())
	},
	Sabotage: scenario.Sabotage{Replace: "targetPort: 8080", By: "targetPort: 8081", Point: "port 9000 leads to the Pod's 8080"},
}
