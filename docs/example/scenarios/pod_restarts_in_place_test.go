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
	startsAgain = claim.P("a container that crashed is started again in the same Pod", claim.True)
	keepsIP     = claim.P("the Pod keeps its IP address", claim.True)
)

// The kubelet restarts containers according to restartPolicy. The Pod and its network stay (Kubernetes docs, "Pod Lifecycle").
var podRestartsInPlace = suite.Scenario{
	ID: "pod.restarts-in-place", Points: []*claim.Point{startsAgain, keepsIP},
	Quote: "A container that crashes is started again in the same Pod, which keeps its IP address.",
	Body: func(s *scenario.S) {
		web, once := s.Ready("app=web"), s.Ready("app=once")

		listed := s.Witness("both Pods are listed").Expect(s.Pods("app")).Should(HaveLen(2))
		apart := s.Contrast("the two Pods have different IPs").Expect(s.Pods("app")).Should(HaveAnIPEach())

		s.Crash(once)
		old := s.Crash(web)
		s.Eventually(web).Should(ConsistOf(HaveExitCode(1)))
		down := s.Contrast("under restartPolicy Never the crashed container stays down").
			Eventually(once).Should(ConsistOf(And(BeInPhase(corev1.PodFailed), HaveNeverRestarted())))

		s.Point(startsAgain, listed, down).Eventually(web).
			Decides(ConsistOf(HaveRestartedSince(old)), Lasting(ConsistOf(HaveNotRestartedSince(old))))
		s.Point(keepsIP, listed, apart).Expect(web).Decides(ConsistOf(HaveIPAmong(old)), ConsistOf(HaveOtherIPThan(old)))
	},
	Sabotage: suite.Sabotage{Replace: "restartPolicy: Always", By: "restartPolicy: Never", Point: startsAgain},
}
