package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var port9000LeadsTo8080 = claim.P("port 9000 leads to the Pod's 8080", claim.True).KO("9000번 포트로 접근하면 Pod의 8080번 포트로 연결된다")

// A Service has its own port. targetPort is the Pod's port that receives the traffic, by its number or by its name in the
// container (Kubernetes docs, "Service", port definitions).
var servicePortTargetPort = suite.Scenario{
	ID: "service.port-target-port", Points: []*claim.Point{port9000LeadsTo8080},
	Quote: "Service port 9000 으로 접근하는 경우 tartgetPort 8080, 즉 Pod 8080으로 접근한다는 내용이다.",
	Remark: claim.Remark{
		KO:   "`targetPort`에 번호 대신 컨테이너 포트의 이름을 쓰면 Pod의 포트를 바꿔도 Service를 고칠 필요가 없다. 생략하면 `port`와 같다.",
		EN:   "Give `targetPort` the name of a container's port, and the Service stays as it is when the Pod's port changes. Left out, it equals `port`.",
		Docs: "/docs/concepts/services-networking/service/",
	},
	Body: func(s *scenario.S) {
		pod, client := s.List(s.Ready("app=web"))[0], s.Ready("app=client").In("")
		web, named := s.Service("web"), s.Service("named")

		serves := s.Witness("the client reaches both listeners at the Pod's own IP, and nothing there at 9000").
			Eventually(client.HTTP(scenario.PodURL(pod, 8080))).Should(BeAnsweredWith("listening-on-8080")).
			Eventually(client.HTTP(scenario.PodURL(pod, 8081))).Should(BeAnsweredWith("listening-on-8081")).
			Eventually(client.HTTP(scenario.PodURL(pod, 9000))).Should(BeRefused())
		moves := s.Contrast("a named targetPort moves the same port to another listener").
			Eventually(client.HTTP(named.At(9000))).Should(BeAnsweredWith("listening-on-8081"))
		closed := s.Contrast("the Service at 8080 does not lead to the Pod")

		s.Point(port9000LeadsTo8080, serves, moves, closed).Eventually(client.HTTP(web.At(9000))).
			Decides(BeAnsweredWith("listening-on-8080"), Lasting(Or(BeUnreached(), BeAnsweredWith("listening-on-8081"))))
		// In IPVS mode a process that listens on the node itself answers there.
		closed.Eventually(client.HTTP(web.At(8080))).Should(Not(BeAnsweredWith("listening-on-8080")))
	},
	Sabotage: suite.Sabotage{Replace: "targetPort: 8080", By: "targetPort: 8081", Point: port9000LeadsTo8080},
}
