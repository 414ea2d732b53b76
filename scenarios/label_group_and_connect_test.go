package scenarios

import (
	"slices"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	selectorsGroup   = claim.P("selectors group objects", claim.True).KO("셀렉터로 오브젝트를 묶을 수 있다")
	selectorConnects = claim.P("a selector connects a Service to Pods", claim.True).KO("셀렉터가 Service를 Pod에 연결한다")
	numberSelects    = claim.P("a selector can choose a Pod of a StatefulSet by its number", claim.TrueFrom("1.28")).
				KO("셀렉터로 StatefulSet의 Pod를 번호로 고를 수 있다")
)

// labelRequests is a number of requests with which a random choice misses a given one of three Pods once in ten million times.
const labelRequests = 40

// A Service and a ReplicaSet do not name Pods: they select the Pods that currently have the labels of their selectors
// (Kubernetes docs, "Labels and Selectors", API objects). A StatefulSet labels its Pods with their names, and from 1.28 on with their
// numbers, too (gate PodIndexLabel).
var labelGroupAndConnect = suite.Scenario{
	ID: "label.group-and-connect", Points: []*claim.Point{selectorsGroup, selectorConnects, numberSelects},
	Quote: "라벨은 목적에 따라 Object를 분류하고, 그 오브젝트를 따로 연결하기 위함",
	Correction: claim.Text{
		KO: "그대로 맞는 말이다. StatefulSet의 Pod 하나만 고르려면 `statefulset.kubernetes.io/pod-name` 라벨을 쓰고, 1.28부터는 `apps.kubernetes.io/pod-index` 라벨로 번호를 기준 삼아 고를 수도 있다.",
		EN: "That is so. To select a single Pod of a StatefulSet, use the label `statefulset.kubernetes.io/pod-name`; from 1.28 on there is also its number, in the label `apps.kubernetes.io/pod-index`.",
	},
	Remark: claim.Remark{
		KO:   "준비된(Ready) Pod만 트래픽을 받는다. 실행 중인 Pod의 라벨을 바꾸면 Pod는 삭제되지 않고 Service와 ReplicaSet에서 떨어져 나오고, ReplicaSet은 새 Pod를 만든다. 문제가 있는 Pod를 살려 둔 채 조사할 때 쓰는 방법이다.",
		EN:   "Only ready Pods get traffic. A Pod that is relabelled is orphaned, not deleted: it leaves the Service and its ReplicaSet, which makes another. That is how to take a live Pod aside and debug it.",
		Docs: "/docs/concepts/workloads/controllers/replicaset/",
	},
	Body: func(s *scenario.S) {
		web, other, unready := s.List(s.Ready("app=web,replica")), s.List(s.Ready("app=other")), s.Pods("app=web,!replica")
		s.Eventually(unready).Should(ConsistOf(And(BeInPhase(corev1.PodRunning), Not(BeReady()))))
		client, strangers := s.Ready("role=client").In(""), append(s.List(unready), other...)

		listed, rest := s.Witness("without a selector, both groups are listed"), s.Contrast("another value selects the other group")
		for _, kind := range []string{"service", "configmap", "deployment"} {
			listed = listed.Expect(s.Objects(kind, "")).Should(And(ContainElement("web"), ContainElement("other")))
			rest.Expect(s.Objects(kind, "app=other")).Should(ConsistOf("other"))
			s.Point(selectorsGroup, listed, rest).Expect(s.Objects(kind, "app=web")).Decides(ConsistOf("web"), Not(ConsistOf("web")))
		}

		serves := s.Witness("the client reaches each Pod at its own IP, the one that is not ready as well")
		for _, pod := range slices.Concat(strangers, web) {
			serves = serves.Eventually(client.HTTP(scenario.PodURL(pod, 8080) + "/hostname")).Should(BeAnsweredWith(pod.Name))
		}
		elsewhere := s.Contrast("a Service with another selector leads to the other Pod").
			Eventually(client.Answers(s.Service("other").URL()+"/hostname", labelRequests)).Should(ComeFromEachOf(other))
		connects, answers := s.Point(selectorConnects, serves, elsewhere), client.Answers(s.Service("web").URL()+"/hostname", labelRequests)
		connects.Eventually(client.HTTP(s.Service("web").URL())).Decides(BeAnswered(), Lasting(BeUnreached()))
		connects.Eventually(answers).Decides(ComeFromEachOf(web), ComeFromSomeOf(strangers))

		s.Label("pod/"+web[0].Name, "app", "aside")
		leaves, stay := web[:1], web[1:]
		connects.Eventually(answers).Decides(And(ComeFromSomeOf(stay), Not(ComeFromSomeOf(leaves))), Lasting(ComeFromSomeOf(leaves)))
		another := ContainElement(Not(BeAmong(web)))
		s.Point(selectorsGroup, listed, rest).Eventually(s.Pods("app=web,replica")).Decides(another, Lasting(Not(another)))

		s.Eventually(s.Objects("pod", "role=numbered")).Should(HaveLen(2))
		numbered := s.Witness("the StatefulSet's Pods are listed").Expect(s.Objects("pod", "role=numbered")).Should(HaveLen(2))
		byName := s.Contrast("by its name, just one of them is selected").
			Expect(s.Objects("pod", "statefulset.kubernetes.io/pod-name=numbered-0")).Should(ConsistOf("numbered-0"))
		s.Point(numberSelects, numbered, byName).Expect(s.Objects("pod", "apps.kubernetes.io/pod-index=1")).Decides(ConsistOf("numbered-1"), BeEmpty())
	},
	Sabotage: suite.Sabotage{
		Replace: "labels: {app: web}}, spec: {selector: {app: web}", By: "labels: {app: web}}, spec: {selector: {app: other}",
		Point: selectorConnects,
	},
	Also: []suite.Sabotage{{
		Replace: "metadata: {name: numbered}, spec: {replicas: 2,", By: "metadata: {name: numbered}, spec: {ordinals: {start: 5}, replicas: 2,", Point: numberSelects,
	}},
}
