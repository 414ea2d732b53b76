package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var livenessRestarts = claim.P("a container whose liveness probe fails is restarted", claim.True)

// The kubelet kills a container whose liveness probe has failed, and restarts it according to restartPolicy (Kubernetes docs,
// "Configure Liveness, Readiness and Startup Probes").
var probeLiveness = suite.Scenario{
	ID: "probe.liveness", Points: []*claim.Point{livenessRestarts},
	Quote: "A container whose liveness probe fails is restarted.",
	Body: func(s *scenario.S) {
		sick, well := s.Ready("app=sick"), s.Ready("app=well")

		listed := s.Witness("both Pods are listed").Expect(s.Pods("app")).Should(HaveLen(2))
		passes := s.Contrast("the container whose probe passes is not restarted")

		old := s.List(sick)
		s.Run(sick.In(""), "touch", "/tmp/sick")
		s.Point(livenessRestarts, listed, passes).Eventually(sick).
			Decides(ConsistOf(HaveRestartedSince(old)), Lasting(ConsistOf(HaveNotRestartedSince(old))))
		passes.Consistently(well).Should(ConsistOf(HaveNeverRestarted()))
	},
	Sabotage: suite.Sabotage{Replace: "livenessProbe: {exec: {command: [test, \"!\", -e, /tmp/sick]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 10}\n---", By: "livenessProbe: {exec: {command: [\"true\"]}}\n---", Point: livenessRestarts},
}
