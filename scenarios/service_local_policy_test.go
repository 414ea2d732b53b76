package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The field is externalTrafficPolicy; the API server does not know the notes' spelling. Under Local a node keeps what
// comes to its port, so the client's address need not be hidden for the answer to find its way back (Kubernetes docs,
// "Source IP").
var serviceLocalPolicy = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "service.local-policy",
		Quote: "externalTrafficPlicy: Local",
		Points: []claim.Point{
			{Says: "the field as typed takes effect", Expect: claim.False},
			{Says: "under externalTrafficPolicy: Local a node's port is answered by that node's Pods only", Expect: claim.True},
		},
		Correction: claim.Text{
			KO: "필드 이름은 `externalTrafficPolicy: Local`이며, `externalTrafficPlicy`로 쓰면 거부되거나 경고만 남기고 무시된다. 바르게 쓰면 노드 포트로 들어온 트래픽은 그 노드에 있는 Pod에만 전달되고, Pod가 없는 노드는 응답하지 않는다.",
			EN: "The field is `externalTrafficPolicy: Local`; `externalTrafficPlicy` is refused, or dropped with a warning. Spelt right, traffic into a node's port goes to that node's Pods only, and a node without one does not answer.",
		},
		Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		const asTyped = "the field as typed takes effect"
		misspelt := s.Text("service/typed") + "  " + s.Quoted()
		if s.Since("1.25") { // older API servers know no strict validation and give no warning
			s.Beside(asTyped).Expect(s.Submit(misspelt)).Should(BeInvalid())
			s.Beside(asTyped).Expect(s.SubmitLoosely(misspelt)).Should(Say("externalTrafficPlicy"))
		} else {
			s.SubmitLoosely(misspelt)
		}

		left, right, outside := s.Ready("at=left"), s.Ready("at=right"), s.Outside()
		pods, typed, local, cluster := s.List(s.Pods("app=web")), s.Service("typed"), s.Service("local"), s.Service("cluster")
		const only = "under externalTrafficPolicy: Local a node's port is answered by that node's Pods only"
		for _, node := range s.Nodes() {
			s.Control("under the Cluster policy the same node hands on to the Pods of all").
				Eventually(outside.Answers(cluster.OnNode(node)+"/hostname", 20)).Should(ComeFromEachOf(pods))
			if own := node.Of(pods); len(own) > 0 {
				s.Against(asTyped).Eventually(outside.Answers(typed.OnNode(node)+"/hostname", 20)).Should(ComeFromEachOf(pods))
				s.Point(only).Eventually(outside.Answers(local.OnNode(node)+"/hostname", 20)).Should(ComeFromEachOf(own))
				s.Beside(only).Eventually(outside.HTTP(local.OnNode(node) + "/clientip")).Should(ShowClient(s.OutsideAddress()))
			}
		}

		lost := s.Remove(right)
		for _, node := range s.Nodes() {
			if len(node.Of(lost)) > 0 { // it has answered, and has no Pod now
				s.Point(only).Eventually(outside.HTTP(local.OnNode(node) + "/hostname")).Should(Not(BeAnswered()))
				s.Point(only).Consistently(outside.HTTP(local.OnNode(node) + "/hostname")).Should(Not(BeAnswered()))
				s.Control("under the Cluster policy it still answers").
					Eventually(outside.Answers(cluster.OnNode(node)+"/hostname", 20)).Should(ComeFromEachOf(s.List(left)))
			}
		}
	},
	Sabotage: scenario.Sabotage{
		Replace: "externalTrafficPolicy: Local", By: "externalTrafficPolicy: Cluster",
		Point: "under externalTrafficPolicy: Local a node's port is answered by that node's Pods only",
	},
}
