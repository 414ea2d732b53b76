package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	crashReplacesPod = claim.P("a crashed container makes the system delete the Pod and make another", claim.False).KO("컨테이너가 죽으면 시스템이 Pod를 삭제하고 새로 만든다")
	ownedIsReplaced  = claim.P("a Pod lost under a controller is replaced, with a new IP", claim.True).KO("컨트롤러가 관리하는 Pod가 사라지면 새 IP를 가진 Pod로 대체된다")
	bareIsReplaced   = claim.P("a Pod without a controller is made again", claim.False).KO("컨트롤러가 없는 Pod도 다시 만들어진다")
	wholeRestarts    = claim.P("the end of one container can restart all of the same Pod", claim.TrueFrom("1.36")).
				KO("한 컨테이너가 종료될 때 같은 Pod의 모든 컨테이너를 재시작하게 할 수 있다")
)

// A kubelet restarts containers inside the existing Pod. Only a controller creates new Pods, and each gets its own IP
// (Kubernetes docs, "Pod Lifecycle"). What ends restarts alone, unless a rule says that all containers of the Pod restart with it (gate
// RestartAllContainersOnContainerExits, on by default from 1.36 on).
var podReplacedWithNewIP = suite.Scenario{
	ID: "pod.replaced-with-new-ip", Points: []*claim.Point{crashReplacesPod, ownedIsReplaced, bareIsReplaced, wholeRestarts},
	Quote: "Pod의 문제가 있다면 시스템에서 이것을 감지하고 Pod를 삭제하고 다시 만듬, 이때 아이피가 재할당된다.",
	Correction: claim.Text{
		KO: "컨테이너가 죽거나 livenessProbe가 실패하면 kubelet은 같은 Pod 안에서 그 컨테이너만 재시작하며(restartPolicy가 Always나 OnFailure일 때), Pod의 UID와 IP는 그대로다. 1.36부터는 규칙(restartPolicyRules)을 두어 같은 Pod의 모든 컨테이너를 함께 재시작하게 할 수도 있다. 프로브가 없으면 멈춰 버린 프로그램은 감지되지 않고, readinessProbe가 실패하면 재시작 없이 Service에서 빠질 뿐이다. Pod 자체가 사라졌을 때는 Deployment 같은 컨트롤러가 관리하던 Pod만 새 IP를 받은 새 Pod로 대체된다.",
		EN: "When a container dies or its livenessProbe fails, the kubelet restarts it inside the same Pod (with restartPolicy Always or OnFailure), whose UID and IP stay; from 1.36 on, a rule (restartPolicyRules) can make all containers of the Pod restart together. Without a probe a program that hangs is not noticed, and a readinessProbe that fails only takes the Pod out of its Services. A Pod that is gone is replaced, with a new IP, only if a controller such as a Deployment owns it.",
	},
	Remark: claim.Remark{
		KO:   "livenessProbe가 실패하면 컨테이너가 재시작되고, readinessProbe가 실패하면 Pod가 Service에서 빠진다. startupProbe는 성공할 때까지 두 프로브를 미룬다. 프로브가 없으면 멈춘 프로그램은 감지되지 않는다. 계속 죽는 컨테이너는 재시작 간격이 길어진다(CrashLoopBackOff). Pod의 IP를 설정에 적지 말고 Service의 이름을 쓴다.",
		EN:   "A liveness probe restarts, a readiness probe takes the Pod out of Services, a startup probe delays both. Without a probe a program that hangs is never noticed. A container that keeps dying is restarted ever less often (CrashLoopBackOff). Use the name of a Service, never the IP of a Pod.",
		Docs: "/docs/concepts/workloads/pods/pod-lifecycle/#container-probes",
	},
	Body: func(s *scenario.S) {
		crashing, unhealthy, both := s.Ready("app=crashing"), s.Ready("app=unhealthy"), s.Pods("app in (crashing, unhealthy)")
		bare, owned := s.Ready("app=bare"), s.Pods("app=owned")
		s.Eventually(owned).Should(And(HaveLen(3), HaveEach(BeReady())))
		const url = "http://localhost:8080/hostname"

		works := s.Witness("the Pods are listed, and their programs answer").
			Eventually(crashing.In("").HTTP(url)).Should(BeAnswered()).
			Eventually(unhealthy.In("").HTTP(url)).Should(BeAnswered())
		replaced := s.Contrast("a Pod that is deleted under such a controller is replaced")
		kept := s.Contrast("as long as nobody deletes it, it is not")

		before, first := s.List(both), s.List(owned)
		s.Crash(crashing)
		s.Run(unhealthy.In(""), "rm", "/tmp/healthy") // its liveness probe checks this file
		s.Eventually(both).Should(And(Not(BeEmpty()), HaveEach(Or(Not(BeAmong(before)), HaveRestartedSince(before)))))
		s.Point(crashReplacesPod, works, replaced).Consistently(both).Decides(
			And(HaveLen(2), ContainElement(Not(BeAmong(before)))),
			Lasting(And(HaveLen(2), HaveEach(And(HaveRestartedSince(before), HaveIPAmong(before))))))
		kept.Expect(owned).Should(And(HaveLen(3), HaveEach(BeAmong(first))))

		lost, gone := s.Delete(owned), s.Remove(bare)
		another := ContainElement(Not(BeAmong(lost)))
		// Three Pods, since the CNI may give one of them an old IP by chance.
		newIP, oldIP := ContainElement(And(Not(BeAmong(lost)), HaveOtherIPThan(lost))), ContainElement(And(Not(BeAmong(lost)), HaveIPAmong(lost)))
		s.Point(ownedIsReplaced, works, kept).Eventually(owned).Decides(newIP, Lasting(Or(Not(another), And(oldIP, Not(newIP)))))
		replaced.Expect(owned).Should(another)

		restartsWhole(s, works)

		s.Point(bareIsReplaced, works, replaced).Consistently(bare).Decides(ContainElement(Not(BeAmong(gone))), Lasting(BeEmpty()))
	},
	Sabotage: suite.Sabotage{
		Replace: "kind: Pod, metadata: {name: bare, labels: {app: bare}}, spec: *idle}",
		By:      "kind: ReplicationController, metadata: {name: bare}, spec: {template: {metadata: {labels: {app: bare}}, spec: *idle}}}",
		Point:   bareIsReplaced,
	},
	Also: []suite.Sabotage{{Replace: "values: [88]", By: "values: [89]", Point: wholeRestarts}},
}

// restartsWhole decides wholeRestarts.
func restartsWhole(s *scenario.S, works scenario.Witness) {
	const code = 88
	apart := s.Ready("app=apart")
	was := s.Exit(apart, code)
	alone := s.Contrast("without a rule, the container that ends restarts alone").
		Eventually(apart).Should(ConsistOf(And(HaveRestartedSince(was, "container1"), HaveNotRestartedSince(was, "container2"))))
	whole := s.Point(wholeRestarts, works, alone)
	if knows(s, whole, "pod/whole", "spec.containers.container1.restartPolicyRules.0.action") {
		s.Create("pod/whole")
		pods := s.Ready("app=whole")
		was := s.Exit(pods, code)
		whole.Eventually(pods).Decides(ConsistOf(And(HaveRestartedSince(was), HaveIPAmong(was))), Lasting(ConsistOf(HaveNotRestartedSince(was, "container2"))))
	}
}
