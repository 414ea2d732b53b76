package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var defaultLists = claim.P("the default service account may list the Pods of its namespace", claim.False)

// Service accounts have no permissions in their namespaces unless some are granted (Kubernetes docs, "Using RBAC
// Authorization": ServiceAccount permissions).
var accessDefaultAccount = suite.Scenario{
	ID: "access.default-account", Points: []*claim.Point{defaultLists},
	Quote:      "The default service account of a namespace may list the Pods of its namespace.",
	Correction: claim.Text{EN: "The default service account of a namespace may list nothing there unless it is granted the right."},
	Body: func(s *scenario.S) {
		user, client := serviceAccount(s, "default")
		granted, clientOfGranted := serviceAccount(s, "reader")

		lists := s.Witness("whoever runs this lists them").Expect(listPods(s.Client(), "the administrator", s.Namespace())).Should(BeAccepted())
		may := s.Contrast("an account to which a Role is bound may list them").
			Eventually(listPods(clientOfGranted, granted, s.Namespace())).Should(BeAccepted())

		s.Point(defaultLists, lists, may).Expect(listPods(client, user, s.Namespace())).Decides(BeAccepted(), BeForbidden())
	},
	Sabotage: suite.Sabotage{Replace: "subjects: [", By: "subjects: [{kind: ServiceAccount, name: default}, ", Point: defaultLists},
}
