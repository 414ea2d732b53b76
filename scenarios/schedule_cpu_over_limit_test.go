package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	heldDown    = claim.P("usage over the limit is held down", claim.True).KO("limit을 넘는 CPU 사용은 제한된다")
	toRequest   = claim.P("usage is lowered to the request", claim.False).KO("CPU 사용량이 request까지 낮아진다")
	notEndedCPU = claim.P("the container is not ended", claim.True).KO("컨테이너는 종료되지 않는다")
)

// A CPU limit is a quota of the kernel's scheduler (CFS bandwidth control); a request is only a weight.
var scheduleCPUOverLimit = suite.Scenario{
	ID: "schedule.cpu-over-limit", Points: []*claim.Point{heldDown, toRequest, notEndedCPU},
	Quote: "CPU: 초과시 request로 낮춤 over시 종료되지 않음",
	Alone: true, // other scenarios would affect the measurement
	Correction: claim.Text{
		KO: "컨테이너가 CPU를 limit보다 더 쓰려고 하면 request가 아니라 limit까지만 쓰도록 제한(스로틀링)되며, 종료되지는 않는다. request는 상한이 아니라 노드가 바쁠 때 보장받는 몫이다.",
		EN: "A container that wants more CPU than its limit is throttled to the limit, not to the request. It is not ended. A request is no upper bound, but the share that it is guaranteed on a busy node.",
	},
	Remark: claim.Remark{
		KO:   "스로틀링은 오류가 아니라 느려진 응답으로 나타난다. 컨테이너의 cpu.stat(nr_throttled)이나 그 지표로 확인한다.",
		EN:   "Throttling shows as latency, not as an error. Look at cpu.stat (nr_throttled) of the container, or at its metric.",
		Docs: "/docs/concepts/configuration/manage-resources-containers/",
	},
	Body: func(s *scenario.S) {
		limited, equal, unlimited := s.Ready("app=limited"), s.Ready("app=equal"), s.Ready("app=unlimited")
		const request, limit = 0.1, 0.2
		const clearly = 1.25 // times as much

		before, free := s.List(limited), s.List(unlimited)
		s.Assume(unlimited.Resources("burner")).Should(HaveNoLimit("cpu"))
		burns := s.Witness("without a limit the same program uses clearly more").
			Eventually(s.CPU(unlimited.In("burner"))).Should(UseMoreThan(clearly * limit)). // other processes may take some of the CPU
			Expect(unlimited).Should(ConsistOf(HaveNotEndedSince(free, "burner")))
		lower := s.Contrast("with a limit as low as the request it is held there").
			Eventually(s.CPU(equal.In("burner"))).Should(BeHeldAt(request))
		use, sameUse := probe.Remember(s.CPU(limited.In("burner")))
		held := s.Point(heldDown, burns, lower)
		held.Eventually(use).Decides(BeHeldAt(limit), UseMoreThan(clearly*limit))
		asked := And(HaveRequest("cpu", "100m"), HaveLimit("cpu", "200m"))
		held.Expect(limited.Resources("burner")).Decides(asked, HaveNoLimit("cpu"))
		apart := s.Witness("no limit as low as its request is set").Expect(limited.Resources("burner")).Should(Or(asked, HaveNoLimit("cpu")))
		s.Point(toRequest, apart, lower).Expect(sameUse).Decides(BeHeldAt(request), UseMoreThan(clearly*request))

		ends := s.Contrast("a program that does end is seen to be started again").
			Eventually(s.Pods("app=ends")).Should(ConsistOf(HaveRestarted(1)))
		s.Point(notEndedCPU, burns, ends).Expect(limited).
			Decides(ConsistOf(HaveNotEndedSince(before, "burner")), ConsistOf(HaveRestartedSince(before, "burner")))
	},
	Sabotage: suite.Sabotage{Replace: ", limits: {cpu: 200m}", By: "", Point: heldDown},
}
