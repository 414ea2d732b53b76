package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The kernel kills inside the cgroup that is over its limit; the kubelet then obeys the Pod's restartPolicy.
var scheduleMemoryOverLimit = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "schedule.memory-over-limit",
		Quote: "메모리: 초과시 Pod 종료 시킴",
		Points: []claim.Point{
			{Says: "the container over its limit is killed", Expect: claim.True},
			{Says: "the Pod itself is ended", Expect: claim.False},
		},
		Correction: claim.Text{
			KO: "메모리 limit을 넘으면 컨테이너가 OOMKilled(종료 코드 137)로 죽는다. Pod는 끝나지 않고 같은 Pod 안에서 컨테이너가 다시 시작된다. restartPolicy가 Never일 때만 Pod가 Failed로 끝난다.",
			EN: "A container over its memory limit is OOMKilled (exit code 137). The Pod is not ended: the container is restarted inside it. Only with restartPolicy Never does the Pod end, as Failed.",
		},
	},
	Body: func(s *scenario.S) {
		over, never := s.Pods("app=over-limit"), s.Pods("app=over-limit-never")
		first := s.List(over)

		within, spared := s.Ready("limit=kept"), And(BeReady(), HaveNeverRestarted())
		overRequest := s.Control("under its limit the same program is not killed, over its request neither")
		overRequest.Expect(s.Pods("app=over-request").In("").Memory()).Should(HoldBetween("16Mi", "128Mi"))
		overRequest.Consistently(within).Should(ConsistOf(spared, spared))

		s.Point("the container over its limit is killed").Eventually(over).Should(ConsistOf(HaveBeenOOMKilled()))
		ended := Or(BeEmpty(), ContainElement(Or(Not(BeAmong(first)), BeInPhase(corev1.PodFailed), BeInPhase(corev1.PodSucceeded))))
		goesOn := ConsistOf(And(BeAmong(first), HaveRestarted(1), BeInPhase(corev1.PodRunning)))
		s.Point("the Pod itself is ended").Eventually(over).Tells(ended, goesOn)
		s.Beside("the Pod itself is ended").Eventually(never).Should(ConsistOf(And(BeInPhase(corev1.PodFailed), HaveBeenKilled())))
	},
	Sabotage: scenario.Sabotage{
		Replace: "limits: {memory: 128Mi}", By: "limits: {memory: 1Gi}",
		Point: "the container over its limit is killed",
	},
}
