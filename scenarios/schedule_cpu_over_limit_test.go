package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A CPU limit is a quota of the kernel's scheduler (CFS bandwidth control); a request is only a weight.
var scheduleCPUOverLimit = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "schedule.cpu-over-limit",
		Quote: "CPU: 초과시 request로 낮춤 over시 종료되지 않음",
		Points: []claim.Point{
			{Says: "usage over the limit is held down", Expect: claim.True},
			{Says: "usage is lowered to the request", Expect: claim.False},
			{Says: "the container is not ended", Expect: claim.True},
		},
		Alone: true, // what it measures must not depend on what runs beside it
		Correction: claim.Text{
			KO: "CPU를 limit보다 더 쓰려 하면 request가 아니라 limit에 맞춰 제한(throttling)된다. 컨테이너는 종료되지 않는다.",
			EN: "A container that wants more CPU than its limit is throttled to the limit, not to the request. It is not ended.",
		},
	},
	Body: func(s *scenario.S) {
		limited, unlimited := s.Ready("app=limited"), s.Ready("app=unlimited")
		const request, limit = 0.08, 0.2

		s.Control("the same program without a limit uses clearly more").
			Eventually(unlimited.In("").CPU(scenario.CPUWindow)).Should(UseMoreThan(1.5 * limit))

		use := limited.In("").CPU(scenario.CPUWindow)
		s.Point("usage over the limit is held down").Eventually(use).Should(BeHeldAt(limit))
		s.Point("usage is lowered to the request").Eventually(use).Tells(BeHeldAt(request), BeHeldAt(limit))
		s.Point("the container is not ended").Expect(limited).Should(ConsistOf(And(BeReady(), HaveNeverRestarted())))
	},
	Sabotage: scenario.Sabotage{Replace: ", limits: {cpu: 200m}", By: "", Point: "usage over the limit is held down"},
}
