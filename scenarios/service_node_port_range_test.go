package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	nodePortRange = claim.P("node ports come from 30000-32767", claim.True).KO("노드 포트는 30000-32767 범위에서 할당된다")
	insidersOnly  = claim.P("only machines of the cluster's own reach a node port", claim.False).
			KO("클러스터에 속한 머신만 노드 포트에 접근할 수 있다")
)

// What a node port is suitable for is advice, which is not judged. What it rests on can be: the range is set by the API server's
// --service-node-port-range, 30000-32767 by default, and nothing restricts who may connect (Kubernetes docs, "Service", type NodePort).
var serviceNodePortRange = suite.Scenario{
	ID: "service.node-port-range", Points: []*claim.Point{nodePortRange, insidersOnly}, Needs: []claim.Need{claim.OutsideMachine},
	Quote: "내부망 연결, 데모나 임시 연결용",
	Correction: claim.Text{
		KO: "무엇에 알맞은지는 조언이므로 참과 거짓을 가리지 않는다. 노드 포트는 기본적으로 30000-32767에서만 할당되고, 내부망에서만 열리는 것이 아니라 노드에 접근할 수 있는 누구에게나 열린다. 접근을 제한하려면 방화벽을 쓰고, 운영 환경에서는 LoadBalancer나 Gateway를 앞에 둔다.",
		EN: "What it is good for is advice, which is not judged. By default node ports come from 30000-32767 only, and they are open not to an internal network alone but to everybody who reaches a node. To restrict that, use a firewall; in production, put a LoadBalancer or a Gateway in front.",
	},
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

		web, node, outside := s.List(s.Ready("app=web"))[0], s.NodeOf(s.List(s.Ready("app=host"))[0]), s.Outside()
		reaches := nodesReach(s, 20024, []scenario.Node{node}, web)
		closed := s.Contrast("the port of the ClusterIP is closed on the node").Eventually(outside.HTTP(node.Port(9024))).Should(BeUnreached())
		s.Point(insidersOnly, reaches, closed).Eventually(outside.HTTP(s.Service("open").OnNode(node)+"/hostname")).
			Decides(Lasting(BeUnreached()), BeAnsweredWith(web.Name))
	},
	Sabotage: suite.Sabotage{Replace: "nodePort: 32768", By: "nodePort: 31999", Point: nodePortRange},
	Also:     []suite.Sabotage{{Replace: "{name: open}, spec: {type: NodePort, selector: {app: web}", By: "{name: open}, spec: {type: NodePort, selector: {app: none}", Point: insidersOnly}},
}
