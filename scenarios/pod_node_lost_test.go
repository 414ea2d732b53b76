package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var replacedElsewhere = claim.P("Pods of a dead node are replaced on another node, with a new IP", claim.True).KO("죽은 노드의 Pod는 다른 노드에서 새 IP를 가진 Pod로 대체된다")

// A node that stops reporting gets the taint unreachable, which evicts its Pods when they no longer tolerate it. Their controller
// then creates new ones (Kubernetes docs, "Nodes" and "Taint based Evictions").
var podNodeLost = suite.Scenario{
	ID: "pod.node-lost", Points: []*claim.Point{replacedElsewhere}, Needs: []claim.Need{claim.TwoWorkers, claim.BreakNodes},
	Quote: "Pod의 문제가 있다면 시스템에서 이것을 감지하고 Pod를 삭제하고 다시 만듬",
	Remark: claim.Remark{
		KO:   "기본 설정에서는 노드 장애를 알아채는 데 40–50초, Pod를 축출하기까지 300초가 더 걸린다(이 시나리오는 tolerationSeconds를 줄였다). StatefulSet의 Pod와 컨트롤러가 없는 Pod는 스스로 대체되지 않는다. 돌아오지 않을 노드에는 `node.kubernetes.io/out-of-service` 테인트를 붙이고, 계획된 작업이라면 먼저 drain한다.",
		EN:   "By default a dead node is noticed after 40 to 50 s, and its Pods are evicted 300 s later (this scenario shortens tolerationSeconds). Pods of a StatefulSet and bare Pods are not replaced by themselves. Taint a node that will not return with `node.kubernetes.io/out-of-service`; drain it first if the outage is planned.",
		Docs: "/docs/concepts/cluster-administration/node-shutdown/",
	},
	Body: func(s *scenario.S) {
		lost := s.List(s.Ready("app=lost"))
		dead := lost[0].Spec.NodeName
		steady := s.Ready("app=steady")
		stays, healthy := s.List(steady.On(dead)), steady.NotOn(dead)
		s.Eventually(healthy).Should(And(Not(BeEmpty()), HaveEach(BeReady()))) // another worker is there

		s.StopNode(dead)

		deleted := s.Delete(healthy)
		works := s.Witness("without the node, controllers, the scheduler and the kubelets of other nodes replace what is deleted there").
			Eventually(healthy).Should(And(HaveLen(len(deleted)), HaveEach(And(BeReady(), Not(BeAmong(deleted))))))
		tolerant := s.Contrast("a Pod of the dead node that tolerates its taint for ever is not replaced")

		s.EventuallyAfterNodeLoss(s.NodeReady(dead)).Should(Not(Equal(corev1.ConditionTrue))) // what follows counts from here
		another := ContainElement(Not(BeAmong(lost)))
		s.Point(replacedElsewhere, works, tolerant).EventuallyAfterNodeLoss(s.Pods("app=lost")).Decides(
			ContainElement(And(Not(BeAmong(lost)), Not(BeOnTheNodeOf(lost)), HaveOtherIPThan(lost))),
			Lasting(Or(Not(another), ContainElement(And(Not(BeAmong(lost)), Or(BeOnTheNodeOf(lost), HaveIPAmong(lost)))))))
		tolerant.Consistently(steady.On(dead)).Should(And(HaveLen(1), HaveEach(BeAmong(stays))))
	},
	Sabotage: suite.Sabotage{
		Replace: "unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1", By: "unreachable, operator: Exists, effect: NoExecute",
		Point: replacedElsewhere,
	},
}
