package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var readinessRestarts = claim.P("a container whose readiness probe fails is restarted", claim.False)

// If a readiness probe fails, the Pod is removed from its Services, and the container keeps running (Kubernetes docs,
// "Configure Liveness, Readiness and Startup Probes").
var probeReadiness = suite.Scenario{
	ID: "probe.readiness", Points: []*claim.Point{readinessRestarts},
	Quote:      "A container whose readiness probe fails is restarted as well.",
	Correction: claim.Text{EN: "A container whose readiness probe fails goes on running; its Pod gets no traffic from Services."},
	Body: func(s *scenario.S) {
		unready, unwell := s.Ready("app=unready"), s.Ready("app=unwell")

		listed := s.Witness("both Pods are listed").Expect(s.Pods("app")).Should(HaveLen(2))

		old := append(s.List(unready), s.List(unwell)...)
		s.Run(unready.In(""), "touch", "/tmp/sick")
		s.Run(unwell.In(""), "touch", "/tmp/sick")
		restarts := s.Contrast("the same probe as a liveness probe restarts its container").Eventually(unwell).Should(ConsistOf(HaveRestartedSince(old)))

		s.Point(readinessRestarts, listed, restarts).Consistently(unready).
			Decides(ConsistOf(HaveRestartedSince(old)), Lasting(ConsistOf(HaveNotRestartedSince(old))))
	},
	Sabotage: suite.Sabotage{Replace: "readinessProbe:", By: "livenessProbe:", Point: readinessRestarts},
}
