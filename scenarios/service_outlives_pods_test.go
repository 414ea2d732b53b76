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
	podIPsChange = claim.P("Pod IPs change when Pods are made again", claim.True).KO("Pod가 다시 만들어지면 Pod의 IP가 바뀐다")
	serviceStays = claim.P("the Service stays, with the same UID and ClusterIP", claim.True).KO("Service는 그대로 남고, UID와 ClusterIP도 바뀌지 않는다")
)

// A Service is a separate object: it keeps its ClusterIP until it is deleted, whichever Pods it selects (Kubernetes docs,
// "Service").
var serviceOutlivesPods = suite.Scenario{
	ID: "service.outlives-pods", Points: []*claim.Point{podIPsChange, serviceStays},
	Quote: "Pod는 시스템 장애, 성능 장애 등 언제든지 Pod는 죽을 수 있다. 그리고 Pod는 IP는 재생성시 변경된다. " +
		"Service는 사용자가 직접 지우지 않는한 제거되지 않는다. 그래서 서비스를 사용한다.",
	Correction: claim.Text{
		KO: "그대로 맞는 말이다. 다만 ClusterIP보다 Service의 DNS 이름을 쓰는 것이 좋다.",
		EN: "That is so. But rather use the Service's DNS name than its ClusterIP.",
	},
	Remark: claim.Remark{
		KO:   "ClusterIP보다 DNS 이름을 쓴다. Service를 다시 만들면 IP는 바뀌어도 이름은 그대로다. 준비된 Pod만 트래픽을 받는다.",
		EN:   "Use the DNS name rather than the ClusterIP: a Service that is made again has another IP, and the same name. Only ready Pods get traffic.",
		Docs: "/docs/concepts/services-networking/dns-pod-service/",
	},
	Body: func(s *scenario.S) {
		web, other, service := s.Ready("app=web"), s.Ready("app=client"), s.Service("web")
		first, bystander, client := s.List(web), s.List(other), other.In("")
		reached := func(says string, pods []corev1.Pod) scenario.Witness {
			w := s.Witness(says)
			for _, pod := range pods {
				w = w.Eventually(client.HTTP(scenario.PodURL(pod, 20017))).Should(BeAnsweredWith(pod.Name))
			}
			return w
		}
		same := ConsistOf(BeTheSameService([]corev1.Service{service.Was}))
		deleted := s.Contrast("a Service that the user deletes is gone")

		s.Point(serviceStays, reached("the client reaches the Pods at their own IPs", first), deleted).
			Eventually(client.Answers(service.URL(), 5)).Decides(ComeFrom(first), Lasting(GoUnanswered()))

		makeAgain := func() []corev1.Pod {
			s.Remove(web)
			s.Eventually(web).Should(And(HaveLen(len(first)), HaveEach(BeReady())))
			return s.List(web)
		}
		second := makeAgain()
		for range 2 { // the CNI may give the same IP again by chance
			if ok, _ := HaveEach(HaveIPAmong(first)).Match(second); ok {
				second = makeAgain()
			}
		}
		again := reached("the client reaches the Pods that were made again at their own IPs", second)
		kept := s.Contrast("a Pod that is not made again keeps its IP").
			Expect(other).Should(ConsistOf(And(BeAmong(bystander), HaveIPAmong(bystander))))
		s.Point(podIPsChange, again, kept).Expect(web).
			Decides(HaveEach(And(Not(BeAmong(first)), HaveOtherIPThan(first))), ContainElement(And(Not(BeAmong(first)), HaveIPAmong(first))))
		s.Point(serviceStays, again, deleted).Expect(service).Decides(same, Not(same))
		s.Point(serviceStays, again, deleted).
			Eventually(client.Answers(service.URL(), 5)).Decides(ComeFrom(second), Lasting(GoUnanswered()))

		s.DeleteObject("deployment/web")
		s.Eventually(web).Should(BeEmpty())
		shown := s.Witness("the API server shows what is there").Expect(other).Should(ConsistOf(BeAmong(bystander)))
		s.Point(serviceStays, shown, deleted).Expect(service).Decides(same, Not(same))
		s.DeleteObject("service/web")
		deleted.Eventually(service).Should(BeEmpty())
	},
	Sabotage: suite.Sabotage{Replace: "containers: [{name: web,", By: "hostNetwork: true, containers: [{name: web,", Point: podIPsChange},
}
