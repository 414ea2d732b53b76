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
	replacedElsewhere = claim.P("Pods of a dead node are replaced on another node, with a new IP", claim.True).KO("죽은 노드의 Pod는 다른 노드에서 새 IP를 가진 Pod로 대체된다")
	saysWhy           = claim.P("a Pod that is ended for its dead node says so", claim.TrueFrom("1.26")).
				KO("죽은 노드 때문에 종료되는 Pod에는 그 이유가 기록된다")
	setReplaced = claim.P("a StatefulSet's Pod of a dead node is replaced without anybody's help", claim.False).
			KO("죽은 노드에 있던 StatefulSet의 Pod는 사람이 개입하지 않아도 대체된다")
	setReplacedOnWord = claim.P("it is replaced when the node is declared out of service", claim.TrueFrom("1.26")).
				KO("노드를 out-of-service로 표시하면 그 Pod가 대체된다")
	ipStays = claim.P("a Pod keeps its IP for as long as it lives", claim.False).
		KO("Pod의 IP는 그 Pod가 살아 있는 동안 바뀌지 않는다")
)

// A node that stops reporting gets the taint unreachable, which evicts its Pods when they no longer tolerate it, by default after five
// minutes. Their controller then creates new ones (Kubernetes docs, "Nodes" and "Taint based Evictions"). The Pod says why it is
// ended in its condition DisruptionTarget (gate PodDisruptionConditions, on by default from 1.26 on).
//
// A StatefulSet runs at most one Pod of each name. The old one exists until its kubelet has confirmed its end, or until the node has
// the taint out-of-service, with which its Pods are deleted by force (gate NodeOutOfServiceVolumeDetach, on by default from 1.26 on).
//
// A Pod that waits for its node to come back is the same Pod afterwards, in a new sandbox with a new IP.
var podNodeLost = suite.Scenario{
	ID:     "pod.node-lost",
	Points: []*claim.Point{replacedElsewhere, saysWhy, setReplaced, setReplacedOnWord, ipStays}, Needs: []claim.Need{claim.TwoWorkers, claim.BreakNodes},
	Quote: "Pod의 문제가 있다면 시스템에서 이것을 감지하고 Pod를 삭제하고 다시 만듬",
	Correction: claim.Text{
		KO: "노드가 응답하지 않으면 40초(1.32부터 50초) 뒤에 감지되고, 그로부터 기본 5분이 더 지나야 그 노드의 Pod들이 축출된다. Deployment의 Pod는 다른 노드에 새 IP로 다시 만들어지지만, StatefulSet의 Pod는 노드가 돌아오거나, 관리자가 노드를 삭제하거나 Pod를 강제로 삭제하거나, (1.26부터) 노드에 `node.kubernetes.io/out-of-service` 테인트를 붙일 때까지 대체되지 않는다. 노드가 돌아올 때까지 남아 있던 Pod는 UID는 그대로인 채 IP만 바뀔 수 있다.",
		EN: "A node that does not answer is noticed after 40 seconds (50 from 1.32 on), and by default its Pods are evicted five minutes later. A Deployment's Pod is made again on another node, with a new IP. A StatefulSet's Pod is not, until the node is back, or an administrator deletes the Node, deletes the Pod by force or, from 1.26 on, gives the node the taint `node.kubernetes.io/out-of-service`. A Pod that stays until its node is back keeps its UID but may get another IP.",
	},
	Remark: claim.Remark{
		KO:   "기본 설정에서는 노드 장애를 알아채는 데 40–50초, Pod를 축출하기까지 300초가 더 걸린다(이 시나리오는 tolerationSeconds를 줄였다). StatefulSet의 Pod와 컨트롤러가 없는 Pod는 스스로 대체되지 않는다. 돌아오지 않을 노드에는 `node.kubernetes.io/out-of-service` 테인트를 붙이고, 계획된 작업이라면 먼저 drain한다.",
		EN:   "By default a dead node is noticed after 40 to 50 s, and its Pods are evicted 300 s later (this scenario shortens tolerationSeconds). Pods of a StatefulSet and bare Pods are not replaced by themselves. Taint a node that will not return with `node.kubernetes.io/out-of-service`; drain it first if the outage is planned.",
		Docs: "/docs/concepts/cluster-administration/node-shutdown/",
	},
	Body: func(s *scenario.S) {
		lost := s.List(s.Ready("app=lost"))
		dead := lost[0].Spec.NodeName
		set := s.Ready("app=set")
		kept := s.List(set)
		s.Expect(set.On(dead)).Should(HaveLen(1))
		s.Create("daemonset/steady") // last, since a CNI may begin with the same IP again when the node is back
		steady := s.Pods("app=steady")
		healthy := steady.NotOn(dead)
		s.Eventually(steady.On(dead)).Should(ConsistOf(BeReady()))
		s.Eventually(healthy).Should(And(Not(BeEmpty()), HaveEach(BeReady()))) // another worker is there
		stays := s.List(steady.On(dead))

		s.StopNode(dead)

		deleted := s.Delete(healthy)
		works := s.Witness("without the node, controllers, the scheduler and the kubelets of other nodes replace what is deleted there").
			Eventually(healthy).Should(And(HaveLen(len(deleted)), HaveEach(And(BeReady(), Not(BeAmong(deleted))))))
		fresh := s.List(healthy)
		tolerant := s.Contrast("a Pod of the dead node that tolerates its taint for ever is not replaced")

		s.EventuallyAfterNodeLoss(s.NodeReady(dead)).Should(Not(Equal(corev1.ConditionTrue))) // what follows counts from here
		another := ContainElement(Not(BeAmong(lost)))
		s.Point(replacedElsewhere, works, tolerant).EventuallyAfterNodeLoss(s.Pods("app=lost")).Decides(
			ContainElement(And(Not(BeAmong(lost)), Not(BeOnTheNodeOf(lost)), HaveOtherIPThan(lost))),
			Lasting(Or(Not(another), ContainElement(And(Not(BeAmong(lost)), Or(BeOnTheNodeOf(lost), HaveIPAmong(lost)))))))

		evicted := works.And("the Pods of the dead node have been told to end").
			Eventually(set).Should(Or(BeEmpty(), ContainElement(Or(BeTerminating(), Not(BeAmong(kept))))))
		replaced := s.Contrast("a Deployment's Pod is").Expect(s.Pods("app=lost")).Should(another)
		s.Point(setReplaced, evicted, replaced).Consistently(set).
			Decides(ContainElement(Not(BeAmong(kept))), Lasting(ConsistOf(And(BeAmong(kept), BeTerminating()))))
		tolerant.Consistently(steady.On(dead)).Should(And(HaveLen(1), HaveEach(BeAmong(stays))))
		shown := evicted.And("the API server shows them").Expect(set.On(dead)).Should(ContainElement(BeAmong(kept)))
		unasked := s.Contrast("a Pod that is not ended gives no such reason").Expect(steady.On(dead)).Should(HaveEach(SayNoReason()))
		s.Point(saysWhy, shown, unasked).Expect(set.On(dead)).
			Decides(ConsistOf(SayWhyEnded("DeletionByTaintManager")), ConsistOf(SayNoReason()))

		restore := s.DeclareOutOfService(dead)
		waits := s.Contrast("a Pod of the dead node that tolerates this taint, too, is not")
		s.Point(setReplacedOnWord, evicted, waits).Eventually(set).
			Decides(ContainElement(And(Not(BeAmong(kept)), Not(BeOnTheNodeOf(kept)))), Lasting(Not(ContainElement(Not(BeAmong(kept))))))
		waits.Expect(steady.On(dead)).Should(ConsistOf(BeAmong(stays)))
		restore()

		comesBack := func() {
			before := s.List(steady.On(dead))
			s.StartNode(dead)
			s.Eventually(steady.On(dead)).Should(ConsistOf(And(HaveRestartedSince(before), BeReady())))
		}
		comesBack()
		if same, _ := HaveEach(HaveIPAmong(stays)).Match(s.List(steady.On(dead))); same { // by chance, perhaps
			s.StopNode(dead)
			comesBack()
		}
		back := s.Witness("the API server shows the Pod on the node that is back").Expect(steady.On(dead)).Should(HaveLen(1))
		same := s.Contrast("a Pod whose node has not failed keeps its IP").Expect(healthy).Should(HaveEach(And(BeAmong(fresh), HaveIPAmong(fresh))))
		s.Point(ipStays, back, same).Expect(steady.On(dead)).
			Decides(ConsistOf(And(BeAmong(stays), HaveIPAmong(stays))), ConsistOf(And(BeAmong(stays), HaveOtherIPThan(stays))))
	},
	Sabotage: suite.Sabotage{
		Replace: "unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1", By: "unreachable, operator: Exists, effect: NoExecute",
		Point: replacedElsewhere,
	},
	Also: []suite.Sabotage{{Replace: "kind: StatefulSet", By: "kind: Deployment", Point: setReplaced}},
}
