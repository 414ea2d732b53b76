package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A Service is an object of its own: its ClusterIP belongs to it until it is deleted, whichever Pods are behind it
// (Kubernetes docs, "Service").
var serviceOutlivesPods = scenario.Scenario{
	Claim: claim.Claim{
		ID: "service.outlives-pods",
		Quote: "Pod는 시스템 장애, 성능 장애 등 언제든지 Pod는 죽을 수 있다. 그리고 Pod는 IP는 재생성시 변경된다. " +
			"Service는 사용자가 직접 지우지 않는한 제거되지 않는다. 그래서 서비스를 사용한다.",
		Points: []claim.Point{
			{Says: "Pod IPs change when Pods are made again", Expect: claim.True},
			{Says: "the Service stays, with the same UID and ClusterIP", Expect: claim.True},
		},
	},
	Body: func(s *scenario.S) {
		web, service, client := s.Ready("app=web"), s.Service("web"), s.Ready("app=client").In("")
		was := []corev1.Service{service.Was}

		for range 2 {
			s.Eventually(client.HTTP(service.URL())).Should(BeAnswered())
			first := s.List(web)[0]
			atOldIP := client.HTTP(scenario.PodURL(first, 8080) + "/hostname")
			s.Control("a client at a Pod's IP is answered while the Pod lives").Eventually(atOldIP).Should(BeAnswered())

			old := s.Remove(web)
			anew := And(BeReady(), Not(BeAmong(old)), Not(HaveIPAmong(old)))
			s.Point("Pod IPs change when Pods are made again").Eventually(web).Should(And(HaveLen(len(old)), HaveEach(anew)))
			s.Point("the Service stays, with the same UID and ClusterIP").Expect(service).Should(ConsistOf(BeTheSameService(was)))
			s.Point("the Service stays, with the same UID and ClusterIP").
				Eventually(client.Answers(service.URL()+"/hostname", 20)).Should(ComeFromEachOf(s.List(web)))
			s.Control("a client at the old IP is not answered any more").Expect(atOldIP).ShouldNot(BeAnsweredWith(first.Name))
		}

		s.DeleteService("web")
		s.Control("a deleted Service is gone").Eventually(service).Should(BeEmpty())
	},
	Sabotage: scenario.Sabotage{
		Replace: "\n  replicas: 2", By: "\n      hostNetwork: true", Point: "Pod IPs change when Pods are made again",
	},
}
