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
	killedOverMemory = claim.P("the container over its limit is killed", claim.True).KO("메모리 limit을 넘은 컨테이너는 강제 종료된다")
	endedOverMemory  = claim.P("the Pod itself is ended", claim.False).KO("Pod 자체가 종료된다")
)

// The kernel kills a process in the cgroup that exceeds its limit. The kubelet then follows the Pod's restartPolicy.
var scheduleMemoryOverLimit = suite.Scenario{
	ID: "schedule.memory-over-limit", Points: []*claim.Point{killedOverMemory, endedOverMemory},
	Quote: "메모리: 초과시 Pod 종료 시킴",
	Correction: claim.Text{
		KO: "컨테이너가 메모리 limit을 넘으면 커널이 그 안의 프로세스를 죽이고, 컨테이너는 보통 OOMKilled(종료 코드 137)로 종료된다. request만 넘었을 때는 죽지 않는다. Pod는 종료되지 않고 그 안에서 컨테이너가 재시작된다. restartPolicy가 Never이면 Pod도 Failed로 종료된다.",
		EN: "When a container exceeds its memory limit, the kernel kills in it, and it usually ends as OOMKilled (exit code 137). Exceeding the request alone does not kill it. The Pod is not ended: the container is restarted inside it. With restartPolicy Never the Pod ends, as Failed.",
	},
	Remark: claim.Remark{
		KO:   "노드의 메모리가 모자랄 때의 축출은 다르다. 그때는 kubelet이 Pod를 실제로 종료한다(Failed, 사유 Evicted). request를 넘겨 쓰는 Pod부터 축출되므로 request를 실제 사용량에 맞춘다. 메모리 기반 emptyDir도 limit에 포함된다.",
		EN:   "Eviction under node pressure is another matter: there the kubelet does end the Pod (Failed, reason Evicted), those above their request first, so set requests to what is really used. An emptyDir in memory counts towards the limit.",
		Docs: "/docs/concepts/scheduling-eviction/node-pressure-eviction/",
	},
	Body: func(s *scenario.S) {
		over, under, unlimited, single := s.Pods("app=over"), s.Pods("app=under"), s.Pods("app=unlimited"), s.Pods("app=single")
		const limit = "128Mi"

		s.Assume(unlimited.Resources("holder")).Should(HaveNoLimit("memory"))
		holds := s.Witness("without a limit the same program holds as much, and lives").
			Eventually(unlimited.In("holder").Memory()).Should(HoldBetween("144Mi", "160Mi")).
			Eventually(unlimited).Should(ConsistOf(HaveNeverRestarted())) // the API server may learn of the start after an exec works
		spared := s.Contrast("just under its limit, and far over its request, it lives").
			Eventually(under.In("holder").Memory()).Should(HoldBetween("112Mi", limit)).
			Eventually(under).Should(ConsistOf(HaveNeverRestarted())).
			Consistently(under).Should(ConsistOf(HaveNeverRestarted()))
		killed := s.Point(killedOverMemory, holds, spared)
		killed.Eventually(over.MemoryFate("holder", "watcher")).Decides(BeKilledForMemory(), LiveWithMoreThan(limit))
		asked := And(HaveRequest("memory", "16Mi"), HaveLimit("memory", limit))
		killed.Expect(over.Resources("holder")).Decides(asked, HaveNoLimit("memory"))

		s.Create("pod/single") // only now, since the kernel counts the kills of all containers together
		s.Create("pod/never")
		first := s.List(single)
		failed := s.Contrast("with restartPolicy Never the same ends the Pod").
			Eventually(s.Pods("app=never")).Should(ConsistOf(And(BeInPhase(corev1.PodFailed), HaveEndedByItself(), HaveBeenKilled())))
		s.Point(endedOverMemory, holds, failed).Eventually(single).
			Decides(ConsistOf(HaveEndedByItself()), ConsistOf(And(BeInPhase(corev1.PodRunning), HaveRestartedSince(first, "holder"))))
	},
	Sabotage: suite.Sabotage{Replace: "limits: {memory: 128Mi}", By: "limits: {memory: 1Gi}", Point: killedOverMemory},
}
