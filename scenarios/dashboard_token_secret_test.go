package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Since 1.24 no Secret is made for a ServiceAccount any more (LegacyServiceAccountTokenNoAutoGeneration, KEP-2799): tokens
// are asked for and expire, unless somebody makes a Secret for one.
var dashboardTokenSecret = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "dashboard.token-secret",
		Quote: "kubectl -n kubernetes-dashboard describe secret $(kubectl -n kubernetes-dashboard get secret | grep admin-user | awk '{print $1}')",
		Points: []claim.Point{
			{Says: "making the admin-user account makes a token Secret that this command prints", Expect: claim.TrueBefore("1.24")},
			{Says: "a token can be had with `kubectl create token`", Expect: claim.TrueFrom("1.24")},
			{Says: "a Secret of type service-account-token still works", Expect: claim.True},
		},
		Correction: claim.Text{
			KO: "1.24부터는 ServiceAccount를 만들어도 토큰 Secret이 생기지 않으므로 이 명령은 아무 토큰도 보여 주지 않는다. `kubectl -n kubernetes-dashboard create token admin-user`로 토큰을 받거나 service-account-token 타입의 Secret을 직접 만든다.",
			EN: "From 1.24 on, making a ServiceAccount makes no token Secret, so this command prints no token. Get one with `kubectl -n kubernetes-dashboard create token admin-user`, or make a Secret of type service-account-token yourself.",
		},
		Needs: []claim.Need{claim.NodeAccess, claim.ClusterMutation},
	},
	Namespace: "kubernetes-dashboard",
	Body: func(s *scenario.S) {
		const account = "system:serviceaccount:kubernetes-dashboard:admin-user"
		const create = "kubectl -n kubernetes-dashboard create token admin-user"
		const describe = "kubectl -n kubernetes-dashboard describe secret admin-user-by-hand"

		s.Against("making the admin-user account makes a token Secret that this command prints").
			Consistently(s.Tokens(s.Quoted())).ShouldNot(SignInAs(account))
		s.Point("a token can be had with `kubectl create token`").Expect(s.Tokens(create)).Should(SignInAs(account))

		s.Create("secret/admin-user-by-hand")
		const works = "a Secret of type service-account-token still works"
		s.Point(works).Eventually(s.Tokens(describe)).Should(SignInAs(account))
		s.Point(works).Expect(s.Tokens(s.Quoted())).Should(SignInAs(account))
		garbled := s.Tokens("{ " + create + "; " + describe + `; } | sed -E 's/(eyJ[^.]*\.[^.]*\.).{20}/\1aaaaaaaaaaaaaaaaaaaa/'`)
		s.Control("a garbled token gets 401").Expect(garbled).Should(BeTurnedAway())
	},
	Sabotage: scenario.Sabotage{
		Replace: "type: kubernetes.io/service-account-token", By: "type: Opaque",
		Point: "a Secret of type service-account-token still works",
	},
}
