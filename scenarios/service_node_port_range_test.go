package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// What a node port is good for is advice. What can be checked is the range that makes it good for little else: it is set
// by the API server's --service-node-port-range, 30000-32767 unless told otherwise.
var serviceNodePortRange = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "service.node-port-range",
		Quote:  "내부망 연결, 데모나 임시 연결용",
		Points: []claim.Point{{Says: "node ports come from 30000-32767", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		const comesFrom, outOfRange = "node ports come from 30000-32767", "not in the valid range"
		s.Point(comesFrom).Expect(s.Service("allocated")).Should(ConsistOf(HaveNodePortsBetween(30000, 32767)))
		for _, outside := range []string{"service/below", "service/above"} {
			s.Point(comesFrom).Expect(s.TryCreate(outside)).Should(And(BeInvalid(), Mention(outOfRange)))
		}
		for _, end := range []string{"service/first", "service/last"} { // somebody may have taken it
			s.Control("a port at either end of the range is not refused for where it lies").
				Expect(s.TryCreate(end)).ShouldNot(Mention(outOfRange))
		}
	},
	Sabotage: scenario.Sabotage{Replace: "nodePort: 32768", By: "nodePort: 31999", Point: "node ports come from 30000-32767"},
}
