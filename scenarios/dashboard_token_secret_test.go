package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	accountMakesSecret = claim.P("making the admin-user account makes a token Secret that this command prints", claim.TrueBefore("1.24")).KO("admin-user 계정을 만들면 이 명령이 출력하는 토큰 Secret이 생긴다")
	tokenOnRequest     = claim.P("a token can be had with `kubectl create token`", claim.TrueFrom("1.24")).KO("`kubectl create token`으로 토큰을 받을 수 있다")
	secretStillWorks   = claim.P("a Secret of type service-account-token still works", claim.True).KO("service-account-token 타입의 Secret은 여전히 동작한다")
)

// Since 1.24 no Secret is created for a ServiceAccount (LegacyServiceAccountTokenNoAutoGeneration, KEP-2799): tokens are
// requested and expire, unless a Secret is created for one.
var dashboardTokenSecret = suite.Scenario{
	ID: "dashboard.token-secret", Points: []*claim.Point{accountMakesSecret, tokenOnRequest, secretStillWorks},
	Quote: "kubectl -n kubernetes-dashboard describe secret $(kubectl -n kubernetes-dashboard get secret | grep admin-user | awk '{print $1}')",
	Correction: claim.Text{
		KO: "1.24부터는 ServiceAccount를 만들어도 토큰 Secret이 생기지 않으므로 이 명령으로는 토큰이 나오지 않는다. 토큰은 `kubectl -n kubernetes-dashboard create token admin-user`로 발급받거나(기본 만료 시간은 1시간), `kubernetes.io/service-account.name: admin-user` 어노테이션을 단 `kubernetes.io/service-account-token` 타입의 Secret을 직접 만들어 얻는다. (Kubernetes Dashboard는 2026년 1월에 아카이브되어 더 이상 유지 관리되지 않으며, Headlamp 사용을 권장한다.)",
		EN: "From 1.24 on, making a ServiceAccount makes no token Secret, so this command prints no token. Get one with `kubectl -n kubernetes-dashboard create token admin-user` (it expires, after an hour by default), or make a Secret of type `kubernetes.io/service-account-token` with the annotation `kubernetes.io/service-account.name: admin-user` yourself. (Kubernetes Dashboard was archived in January 2026 and is no longer maintained; Headlamp is recommended.)",
	},
	Remark: claim.Remark{
		KO:   "흔히 따라 하는 admin-user는 cluster-admin 권한을 가지므로, 그 토큰은 클러스터 전체의 열쇠다. 만료되는 토큰을 쓰고 필요한 권한만 준다.",
		EN:   "The admin-user of the usual guide is a cluster-admin, so its token opens the whole cluster. Prefer tokens that expire, and grant no more than is needed.",
		Docs: "/docs/reference/access-authn-authz/service-accounts-admin/",
	},
	Needs:     []claim.Need{claim.NodeAccess, claim.ClusterMutation},
	Namespace: "kubernetes-dashboard",
	Body: func(s *scenario.S) {
		const account = "system:serviceaccount:kubernetes-dashboard:admin-user"
		const create = "kubectl -n kubernetes-dashboard create token admin-user"
		const describe = "kubectl -n kubernetes-dashboard describe secret admin-user-by-hand"
		const request = `echo '{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{}}' | ` +
			"kubectl create --raw /api/v1/namespaces/kubernetes-dashboard/serviceaccounts/admin-user/token -f -"
		const garble = ` | sed -E 's/(eyJ[^.]*\.[^.]*\.).{20}/\1aaaaaaaaaaaaaaaaaaaa/'`

		asks := s.Witness("kubectl reaches the API server, and a token of the account that is asked for by its API signs in").
			Eventually(s.Tokens(request)).Should(SignInAs(account))
		garbled := s.Contrast("a garbled token gets 401").Expect(s.Tokens(request + garble)).Should(BeTurnedAway())

		byHand := s.Contrast("the same command prints the token of a Secret that was made by hand")
		printed := s.Point(accountMakesSecret, asks, byHand).Consistently
		if !s.Since("1.24") { // a Secret that is made takes its time
			printed = s.Point(accountMakesSecret, asks, byHand).Eventually
		}
		printed(s.Tokens(s.Quoted())).Decides(SignInAs(account), Lasting(PrintNoToken()))
		s.Point(tokenOnRequest, asks, garbled).Expect(s.Tokens(create)).Decides(SignInAs(account), PrintNoToken())
		s.Create("secret/admin-user-by-hand")
		s.Point(secretStillWorks, asks, garbled).Eventually(s.Tokens(describe)).Decides(SignInAs(account), Lasting(PrintNoToken()))
		byHand.Expect(s.Tokens(s.Quoted())).Should(SignInAs(account))
	},
	Sabotage: suite.Sabotage{Replace: "type: kubernetes.io/service-account-token", By: "type: Opaque", Point: secretStillWorks},
}
