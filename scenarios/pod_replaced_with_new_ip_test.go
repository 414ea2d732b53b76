package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A kubelet restarts containers inside the Pod that it has; only a controller makes new Pods, and each gets an IP of
// its own (Kubernetes docs, "Pod Lifecycle").
var podReplacedWithNewIP = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "pod.replaced-with-new-ip",
		Quote: "Pod의 문제가 있다면 시스템에서 이것을 감지하고 Pod를 삭제하고 다시 만듬, 이때 아이피가 재할당된다.",
		Points: []claim.Point{
			{Says: "a crashed container makes the system delete the Pod and make another", Expect: claim.False},
			{Says: "a Pod lost under a controller is replaced, with a new IP", Expect: claim.True},
			{Says: "a Pod without a controller is made again", Expect: claim.False},
		},
		Correction: claim.Text{
			KO: "컨테이너가 죽으면 kubelet이 같은 Pod 안에서 컨테이너만 다시 시작하고 UID와 IP는 그대로다. Pod 자체가 사라졌을 때는 Deployment 같은 컨트롤러가 있어야만 새 IP를 가진 새 Pod가 만들어진다.",
			EN: "When a container dies, the kubelet restarts it inside the same Pod, whose UID and IP stay. A Pod that is gone is replaced, with a new IP, only if a controller such as a Deployment owns it.",
		},
	},
	Body: func(s *scenario.S) {
		crashing, unhealthy := s.Ready("app=crashing"), s.Ready("app=unhealthy")
		bare, owned := s.Ready("app=bare"), s.Ready("app=owned")

		const crash = "a crashed container makes the system delete the Pod and make another"
		restarted := func(old []corev1.Pod) OmegaMatcher {
			return ConsistOf(And(BeAmong(old), HaveIPAmong(old), HaveRestarted(1), BeReady()))
		}
		crashed, ill := s.Crash(crashing), s.List(unhealthy)
		s.Run(unhealthy.In(""), "rm", "/tmp/healthy") // its liveness probe looks for this file
		s.Point(crash).Eventually(crashing).Tells(ContainElement(Not(BeAmong(crashed))), restarted(crashed))
		s.Point(crash).Eventually(unhealthy).Tells(ContainElement(Not(BeAmong(ill))), restarted(ill))

		lost, gone := s.Delete(owned), s.Delete(bare)
		s.Point("a Pod lost under a controller is replaced, with a new IP").
			Eventually(owned).Should(ConsistOf(And(BeReady(), Not(BeAmong(lost)), Not(HaveIPAmong(lost)))))
		s.Control("the probe that watches the bare Pod sees a Pod that is made again").
			Expect(owned).Should(ConsistOf(BeReady()))
		s.Eventually(bare).ShouldNot(ContainElement(BeAmong(gone)))
		s.Against("a Pod without a controller is made again").Consistently(bare).Should(BeEmpty())
	},
	Sabotage: scenario.Sabotage{
		Replace: "kind: Pod\nmetadata: {name: bare, labels: {app: bare}}\nspec: {terminationGracePeriodSeconds: 1, containers: [{name: web, image: agnhost, args: [pause]}]}",
		By:      "kind: ReplicationController\nmetadata: {name: bare}\nspec: {template: {metadata: {labels: {app: bare}}, spec: {containers: [{name: web, image: agnhost, args: [pause]}]}}}",
		Point:   "a Pod without a controller is made again",
	},
}
