package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The kubelet starts containers again as restartPolicy says; the Pod, and with it the network, stays (Kubernetes docs,
// "Pod Lifecycle").
var podRestartsInPlace = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "pod.restarts-in-place",
		Quote: "A container that crashes is started again in the same Pod, which keeps its IP address.",
		Points: []claim.Point{
			{Says: "a container that crashed is started again in the same Pod", Expect: claim.True},
			{Says: "the Pod keeps its IP address", Expect: claim.True},
		},
	},
	Body: func(s *scenario.S) {
		web, once := s.Ready("app=web"), s.Ready("app=once")

		s.Crash(once)
		s.Control("under restartPolicy Never the crashed container stays down").
			Eventually(once).Should(ConsistOf(And(BeInPhase(corev1.PodFailed), HaveNeverRestarted())))

		old := s.Crash(web)
		s.Point("a container that crashed is started again in the same Pod").
			Eventually(web).Should(ConsistOf(And(BeAmong(old), HaveRestarted(1), BeReady())))
		s.Point("the Pod keeps its IP address").Expect(web).Should(ConsistOf(HaveIPAmong(old)))
	},
}
