package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var rollsBack = claim.P("a rollout that fails is rolled back by itself", claim.False)

// A Deployment reports that it made no progress before its deadline, and takes no further action (Kubernetes docs,
// "Deployments": Failed Deployment).
var deploymentRollsBack = suite.Scenario{
	ID: "deployment.rolls-back", Points: []*claim.Point{rollsBack},
	Quote:      "a rollout that fails is rolled back by itself",
	Correction: claim.Text{EN: "A rollout that fails is reported, and stays as it is until somebody rolls it back."},
	Body: func(s *scenario.S) {
		old, web := s.List(s.Ready("app=web")), s.Pods("app=web")
		rollout := rolloutOf(s, "web")
		runs := s.Witness("the Pod of the first version goes on running").Expect(web).Should(ContainElement(BeAmong(old)))
		byHand := s.Contrast("set back by hand, the Deployment gives up the Pod that fails")

		setCommand(s, "web", "/no-such-file")
		s.Eventually(rollout).Should(haveFailed())
		s.Eventually(web).Should(ContainElement(Not(BeAmong(old))))

		s.Point(rollsBack, runs, byHand).Consistently(rollout).Decides(askFor("/agnhost pause"), Lasting(askFor("/no-such-file")))
		setCommand(s, "web", "/agnhost", "pause")
		byHand.Eventually(web).Should(ConsistOf(BeAmong(old)))
	},
}
