package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A label is no address: what connects to Pods is a Service, and in the notes' table `production` is a value of `lo`.
var labelSelectProduction = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "label.select-production",
		Quote: "운영 환경만 접속하고 싶은 경우 type: production 접속 가능",
		Points: []claim.Point{
			{Says: "type=production reaches production", Expect: claim.False},
			{Says: "a Service on lo=production reaches the three and only those", Expect: claim.True},
		},
		Correction: claim.Text{
			KO: "운영 환경에만 접속하려면 selector가 `lo: production`인 Service를 만들어 접속한다. `type: production`인 Pod는 없으므로 그 selector로는 아무 데도 연결되지 않는다.",
			EN: "To reach the production environment only, connect to a Service whose selector is `lo: production`. No Pod has `type: production`, so a Service with that selector leads nowhere.",
		},
	},
	Body: func(s *scenario.S) {
		s.Ready("lo")
		production := s.Pods("lo=production")
		s.Expect(s.Objects("pod", "lo=production")).Should(ConsistOf("web-production", "db-production", "server-production"))
		client := s.Ready("app=client").In("")

		s.Control("the same probe, with the same key, reaches what has the value, and only that").
			Eventually(client.Answers("http://type-web:8080/hostname", 40)).Should(ComeFromEachOf(s.List(s.Pods("type=web"))))

		s.Point("a Service on lo=production reaches the three and only those").
			Eventually(client.Answers("http://lo-production:8080/hostname", 40)).Should(ComeFromEachOf(s.List(production)))

		const byType = "type=production reaches production"
		s.Point(byType).Expect(s.Endpoints("type-production")).Tells(LeadTo(s.List(production)), BeEmpty())
		s.Against(byType).Consistently(client.HTTP("http://type-production:8080/hostname")).ShouldNot(BeAnswered())
	},
	Sabotage: scenario.Sabotage{
		Replace: "selector: {lo: production}", By: "selector: {type: db}",
		Point: "a Service on lo=production reaches the three and only those",
	},
}
