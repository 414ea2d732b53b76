package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	typeProductionReaches = claim.P("type=production reaches production", claim.False).KO("`type=production`으로 운영 환경에 연결된다")
	loProductionReaches   = claim.P("a Service on lo=production reaches the three and only those", claim.True).KO("`lo=production`을 선택한 Service는 운영 환경의 세 Pod로만 연결된다")
)

// A label is not an address: a Service connects to Pods, and in the notes' table `production` is a value of `lo`.
var labelSelectProduction = suite.Scenario{
	ID: "label.select-production", Points: []*claim.Point{typeProductionReaches, loProductionReaches},
	Quote: "운영 환경만 접속하고 싶은 경우 type: production 접속 가능",
	Correction: claim.Text{
		KO: "운영 환경에만 접속하려면 셀렉터가 `lo: production`인 Service를 만들어 접속한다. `type: production` 라벨이 붙은 Pod는 없으므로, 셀렉터를 그렇게 지정한 Service는 아무 데도 연결되지 않는다.",
		EN: "To reach the production environment only, connect to a Service whose selector is `lo: production`. No Pod has `type: production`, so a Service with that selector leads nowhere.",
	},
	Remark: claim.Remark{
		KO:   "Service의 셀렉터에 적은 조건은 모두 맞아야 한다. 아무 데도 연결되지 않을 때는 `kubectl get endpointslices`부터 확인한다.",
		EN:   "All conditions of a Service's selector must match. If it leads nowhere, look at `kubectl get endpointslices` first.",
		Docs: "/docs/concepts/services-networking/service/",
	},
	Body: func(s *scenario.S) {
		all, client := s.List(s.Ready("lo")), s.Ready("app=client").In("")
		production, dev := s.List(s.Pods("lo=production")), s.List(s.Pods("lo=dev"))
		url := func(service string) string { return s.Service(service).URL() + "/hostname" }

		serves := s.Witness("the client reaches each of the six Pods at its own IP")
		for _, pod := range all {
			serves = serves.Eventually(client.HTTP(scenario.PodURL(pod, 8080) + "/hostname")).Should(BeAnsweredWith(pod.Name))
		}
		byType := s.Contrast("a Service on the same key with a value that exists reaches what has it, and only that").
			Eventually(client.Answers(url("type-web"), labelRequests)).Should(ComeFromEachOf(s.List(s.Pods("type=web"))))

		reaches := s.Point(loProductionReaches, serves, byType)
		reaches.Eventually(client.HTTP(url("lo-production"))).Decides(BeAnswered(), Lasting(BeUnreached()))
		reaches.Eventually(client.Answers(url("lo-production"), labelRequests)).Decides(ComeFromEachOf(production), ComeFromSomeOf(dev))

		s.Point(typeProductionReaches, serves, byType).
			Consistently(client.HTTP(url("type-production"))).Decides(BeAnswered(), Lasting(BeUnreached()))
	},
	Sabotage: suite.Sabotage{Replace: "selector: {lo: production}", By: "selector: {type: db}", Point: loProductionReaches},
}
