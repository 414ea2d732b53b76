package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A ClusterIP exists in the cluster's own nodes and Pods only. The API server, which is one of the insiders, passes on
// what it is asked for to those who have the right to `services/proxy` or `pods/portforward` (Kubernetes docs, "Access
// Services Running on Clusters").
var serviceClusterIPForInsiders = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "service.cluster-ip-for-insiders",
		Quote: "인가된 사용자 (운영자), 내부 대쉬보드, Pod의 서비스상태 디버깅 용으로 사용한다.",
		Points: []claim.Point{
			{Says: "a ClusterIP answers inside the cluster", Expect: claim.True},
			{Says: "it does not answer outside", Expect: claim.True},
			{Says: "an authorised operator reaches it through the API server", Expect: claim.True},
		},
		Needs: []claim.Need{claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		pod, inside, outside := s.Ready("app=web"), s.Ready("app=client").In(""), s.Outside()
		web, exposed := s.Service("web"), s.Service("exposed")
		s.Control("the machine outside is answered by the same Pod at a node's port").
			Eventually(outside.HTTP(exposed.OnNode(s.Nodes()[0]) + "/hostname")).Should(BeAnsweredWith("web"))
		s.Point("a ClusterIP answers inside the cluster").
			Eventually(inside.HTTP(web.URL() + "/hostname")).Should(BeAnsweredWith("web"))
		s.Point("it does not answer outside").
			Consistently(outside.HTTP(web.URL() + "/hostname")).Should(Not(BeAnswered()))

		const through = "an authorised operator reaches it through the API server"
		operator, stranger := s.As("operator"), s.As("stranger")
		s.Point(through).Eventually(operator.ServiceProxy("web", 9000, "/hostname")).Should(BeAnsweredWith("web"))
		s.Point(through).Eventually(operator.PortForward(pod, 8080, "/hostname")).Should(BeAnsweredWith("web"))
		s.Control("a user without the right is refused by the API server").
			Expect(stranger.ServiceProxy("web", 9000, "/hostname")).Should(BeForbidden())
		s.Control("a user without the right is refused by the API server").
			Expect(stranger.PortForward(pod, 8080, "/hostname")).Should(BeForbidden())
	},
	Sabotage: scenario.Sabotage{Replace: "services/proxy", By: "services/status", Point: "an authorised operator reaches it through the API server"},
}
