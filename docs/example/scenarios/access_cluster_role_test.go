package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var grantsEverywhere = claim.P("a RoleBinding to a ClusterRole grants its rights in another namespace", claim.False)

// A RoleBinding grants permissions only in its own namespace, whichever kind of role it refers to (Kubernetes docs, "Using RBAC
// Authorization": RoleBinding and ClusterRoleBinding).
var accessClusterRole = suite.Scenario{
	ID: "access.cluster-role", Points: []*claim.Point{grantsEverywhere},
	Quote:      "A RoleBinding that refers to a ClusterRole grants its rights in all namespaces.",
	Correction: claim.Text{EN: "A RoleBinding that refers to a ClusterRole grants its rights in the namespace of the RoleBinding."},
	Body: func(s *scenario.S) {
		const elsewhere = "kube-system"
		user, client := serviceAccount(s, "reader")

		lists := s.Witness("whoever runs this lists the Pods of the other namespace").
			Expect(listPods(s.Client(), "the administrator", elsewhere)).Should(BeAccepted())
		here := s.Contrast("the account may list the Pods of the RoleBinding's namespace").
			Eventually(listPods(client, user, s.Namespace())).Should(BeAccepted())

		s.Point(grantsEverywhere, lists, here).Expect(listPods(client, user, elsewhere)).Decides(BeAccepted(), BeForbidden())
	},
}
