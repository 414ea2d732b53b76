package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var nodePortRange = claim.P("node ports come from 30000-32767", claim.True).KO("노드 포트는 30000-32767 범위에서 할당된다")

// What a node port is suitable for is advice. The range, which limits its use, can be checked: it is set by the API server's
// --service-node-port-range, 30000-32767 by default.
var serviceNodePortRange = suite.Scenario{
	ID: "service.node-port-range", Points: []*claim.Point{nodePortRange},
	Quote: "내부망 연결, 데모나 임시 연결용",
	Remark: claim.Remark{
		KO:   "노드 포트는 내부망에만 열리는 것이 아니라 노드에 접근할 수 있는 모두에게 열린다. 데모에는 편하지만, 운영 환경에서는 LoadBalancer나 Ingress, Gateway API로 노출한다. 범위는 API 서버의 `--service-node-port-range`로 바꿀 수 있다.",
		EN:   "A node port is not limited to an internal network: it is open to everybody who reaches a node. It is handy for a demo; in production expose a LoadBalancer, an Ingress or the Gateway API. The range is set by the API server's `--service-node-port-range`.",
		Docs: "/docs/concepts/services-networking/gateway/",
	},
	Body: func(s *scenario.S) {
		stores := s.Witness("a Service that asks for no node port is stored without one").
			Expect(s.Service("plain")).Should(ConsistOf(Not(HaveNodePorts())))
		taken := Mention("already allocated") // by another Service, which also shows that the port is in the range
		ends := s.Contrast("a port at either end of the range is accepted, unless it is taken")
		for _, end := range []string{"service/first", "service/last"} {
			ends.Expect(s.TryCreate(end)).Should(Or(BeAccepted(), taken))
		}

		within := ConsistOf(HaveNodePortsBetween(30000, 32767))
		s.Point(nodePortRange, stores, ends).Expect(s.Service("allocated")).Decides(within, And(ConsistOf(HaveNodePorts()), Not(within)))
		for _, beyond := range []string{"service/below", "service/above"} {
			s.Point(nodePortRange, stores, ends).Expect(s.TryCreate(beyond)).
				Decides(And(BeInvalidAt("spec.ports[0].nodePort"), Not(taken)), BeAccepted())
		}
	},
	Sabotage: suite.Sabotage{Replace: "nodePort: 32768", By: "nodePort: 31999", Point: nodePortRange},
}
