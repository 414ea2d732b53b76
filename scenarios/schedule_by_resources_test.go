package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The scheduler adds up what Pods request, not what they use or are limited to, and passes over nodes on which the sum
// would exceed the allocatable memory (Kubernetes docs, "Resource Management for Pods and Containers").
var scheduleByResources = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "schedule.by-resources",
		Quote: "스캐줄러가 판단: Pod를 만들 때 리소스의 사용량을 지정할 수 있다. 2기가 메모리를 지정, 최대 메모리 3기가 지정",
		Points: []claim.Point{
			{Says: "a Pod can request 2Gi with a 3Gi limit", Expect: claim.True},
			{Says: "the scheduler places it where the request fits", Expect: claim.True},
		},
		Needs: []claim.Need{claim.TwoWorkers},
	},
	Body: func(s *scenario.S) {
		huge := s.Pods("app=huge")
		const tooLarge = "a request larger than any node stays Pending"
		s.Control(tooLarge).Eventually(huge.Events()).Should(HaveEvent("FailedScheduling", "Insufficient memory"))

		for _, n := range []string{"1", "2"} {
			roomy := s.Node("worker-" + n)
			taken := s.TakeMemory(roomy, "1536Mi") // too little for the Pod, enough for the small ones of others
			s.Create("pod/web-" + n)
			web := s.Pods("app=web-" + n)
			s.Point("the scheduler places it where the request fits").Eventually(web).Should(ConsistOf(And(BeReady(), BeOnNode(roomy))))
			s.Point("a Pod can request 2Gi with a 3Gi limit").Expect(web).Should(ConsistOf(HaveMemory("2Gi", "3Gi")))
			s.Remove(taken)
		}
		s.Control(tooLarge).Consistently(huge).Should(ConsistOf(BeInPhase(corev1.PodPending)))
	},
	Sabotage: scenario.Sabotage{Replace: "terminationGracePeriodSeconds: 1", By: "nodeName: worker-1", Point: "the scheduler places it where the request fits"},
}
