package scenarios

import (
	"strings"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	localAsTyped    = claim.P("the field as typed takes effect", claim.False).KO("필드 이름을 적힌 그대로 써도 적용된다")
	localOwnPods    = claim.P("under externalTrafficPolicy: Local a node's port is answered by that node's Pods only", claim.True).KO("`externalTrafficPolicy: Local`이면 노드 포트에는 그 노드의 Pod만 응답한다")
	localTerminates = claim.P("under externalTrafficPolicy: Local a node still answers while its only Pod ends", claim.TrueFrom("1.26")).
			KO("`externalTrafficPolicy: Local`이면 노드의 마지막 Pod가 종료되는 동안에도 그 노드가 응답한다")
	localSeesClient = claim.P("under externalTrafficPolicy: Local the Pod sees the client's own IP", claim.True).KO("`externalTrafficPolicy: Local`이면 Pod에서 클라이언트의 원래 IP가 보인다")
)

// The field is externalTrafficPolicy; the API server does not know the notes' spelling. With Local a node forwards traffic only
// to its own Pods, so the client's address need not be replaced for the answer to come back (Kubernetes docs, "Source IP"). If all of
// them are ending, traffic goes to those that still serve (gate ProxyTerminatingEndpoints, on by default from 1.26 on).
var serviceLocalPolicy = suite.Scenario{
	ID: "service.local-policy", Points: []*claim.Point{localAsTyped, localOwnPods, localSeesClient, localTerminates},
	Quote: "externalTrafficPlicy: Local 을 지정하면 특정 노드 포트에 아이피로 접근하는 Pod에 연결해준다.",
	Correction: claim.Text{
		KO: "필드 이름은 `externalTrafficPolicy`이고 값은 `Local`이다. `externalTrafficPlicy`로 잘못 쓰면 거부되거나 무시된다(1.25부터는 경고가 나온다). 제대로 쓰면 노드 포트로 들어온 트래픽이 그 노드의 Pod에만 전달되고, Pod가 없는 노드는 응답하지 않는다. 대신 Pod에서 클라이언트의 원래 IP를 볼 수 있다. 노드의 마지막 Pod가 종료되는 동안에는, 1.26부터 그 Pod가 끝까지 응답하고 그 전 버전에서는 요청이 버려진다.",
		EN: "The field is `externalTrafficPolicy`, with the value `Local`; `externalTrafficPlicy` is refused or dropped, since 1.25 with a warning. Spelt right, traffic into a node's port goes to that node's Pods only, and a node without one does not answer. In return the Pod sees the client's own IP. While a node's last Pod ends, it still answers from 1.26 on; before, the requests are dropped.",
	},
	Remark: claim.Remark{
		KO:   "Local은 클라이언트의 IP를 보존하려고 쓴다. 대신 부하가 고르지 않을 수 있고, Pod가 없는 노드로 온 요청은 버려진다. 로드 밸런서는 healthCheckNodePort로 Pod가 있는 노드를 찾는다.",
		EN:   "The reason for Local is the client's IP. The price is uneven load, and requests to a node without a Pod are dropped: balancers find the nodes that have one by the healthCheckNodePort.",
		Docs: "/docs/tutorials/services/source-ip/",
	},
	Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	Body: func(s *scenario.S) {
		field, _, _ := strings.Cut(s.Quoted(), "\n")
		misspelt := s.Text("service/typed") + "  " + field
		if s.Since("1.25") { // older API servers have no field validation and give no warning
			s.Supporting(localAsTyped).Expect(s.Submit(misspelt)).Should(BeInvalid())
			s.Supporting(localAsTyped).Expect(s.SubmitLoosely(misspelt)).Should(Say("externalTrafficPlicy"))
		} else {
			s.SubmitLoosely(misspelt)
		}
		stored := s.Witness("the rest of the text is stored").Expect(s.Service("typed")).Should(ConsistOf(HaveNodePorts()))
		isLocal := ConsistOf(HaveExternalTrafficPolicy(corev1.ServiceExternalTrafficPolicyLocal))
		isCluster := ConsistOf(HaveExternalTrafficPolicy(corev1.ServiceExternalTrafficPolicyCluster))
		spelt := s.Contrast("spelt right the field is stored").Expect(s.Service("local")).Should(isLocal)
		s.Point(localAsTyped, stored, spelt).Expect(s.Service("typed")).Decides(isLocal, isCluster)

		left, right := s.List(s.Ready("at=left"))[0], s.List(s.Ready("at=right"))[0]
		outside, local, cluster := s.Outside(), s.Service("local"), s.Service("cluster")
		emptied, own := s.NodeOf(right), ShowClient(s.OutsideAddress())
		nodes := []scenario.Node{s.NodeOf(left), emptied}
		both := nodesReach(s, 20023, nodes, left, right)
		handsOn := s.Contrast("under the Cluster policy a node without a Pod hands on to another node's")
		hides := s.Contrast("under the Cluster policy the other node's Pod does not see the client's own IP")
		for _, pod := range []corev1.Pod{left, right} {
			port, its := local.OnNode(s.NodeOf(pod)), ComeFrom([]corev1.Pod{pod})
			s.Point(localOwnPods, both, handsOn).Eventually(outside.Answers(port+"/hostname", 20)).
				Decides(its, Lasting(Or(GoUnanswered(), And(ComeFrom([]corev1.Pod{left, right}), Not(its)))))
			s.Point(localSeesClient, both, hides).Eventually(outside.HTTP(port+"/clientip")).
				Decides(own, Lasting(Or(BeUnreached(), And(BeAnswered(), Not(own)))))
		}

		ends(s, both, handsOn, left, right)
		one := nodesReach(s, 20023, nodes, left)
		s.Point(localOwnPods, one, handsOn).Eventually(outside.HTTP(local.OnNode(emptied)+"/hostname")).
			Decides(BeUnreached(), Lasting(BeAnsweredWith(left.Name)))
		s.Point(localOwnPods, one, handsOn).Consistently(outside.HTTP(local.OnNode(emptied)+"/hostname")).
			Decides(Lasting(BeUnreached()), BeAnsweredWith(left.Name))
		handsOn.Eventually(outside.HTTP(cluster.OnNode(emptied) + "/hostname")).Should(BeAnsweredWith(left.Name))
		hides.Eventually(outside.HTTP(cluster.OnNode(emptied) + "/clientip")).Should(And(BeAnswered(), Not(own)))
	},
	Sabotage: suite.Sabotage{Replace: "externalTrafficPolicy: Local", By: "externalTrafficPolicy: Cluster", Point: localOwnPods},
}

// ends deletes the Pod right, the only one on its node, which takes its time to end, and decides localTerminates in the meantime. When
// it returns, the Pod is gone.
func ends(s *scenario.S, reach scenario.Witness, handsOn scenario.Contrast, left, right corev1.Pod) {
	pods, emptied, local, cluster := s.Pods("at=right"), s.NodeOf(right), s.Service("local"), s.Service("cluster")
	s.Delete(pods)
	known := reach.And("the endpoints lead to the other Pod only, and the proxy of the ending Pod's node knows it").
		Eventually(s.Endpoints("local")).Should(LeadTo([]corev1.Pod{left})).
		Eventually(s.Outside().Answers(cluster.OnNode(emptied)+"/hostname", 20)).Should(ComeFrom([]corev1.Pod{left}))
	s.Point(localTerminates, known, handsOn).Consistently(s.Outside().HTTP(local.OnNode(emptied)+"/hostname")).
		Decides(Lasting(BeAnsweredWith(right.Name)), Lasting(Or(BeUnreached(), BeAnsweredWith(left.Name))))
	_, _ = pods.In("").Run(s.Context(), "curl", "--silent", "--max-time", "2", "http://localhost:8080/exit?code=0") // unless it has ended by itself
	s.Eventually(pods).Should(BeEmpty())
}
