package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var nobodyChanges = claim.P("the data of an immutable ConfigMap cannot be changed", claim.True)

// The API server refuses changes to the data of an immutable ConfigMap; it can only be deleted (Kubernetes docs, "ConfigMaps":
// Immutable ConfigMaps).
var configImmutable = suite.Scenario{
	ID: "config.immutable", Points: []*claim.Point{nobodyChanges},
	Quote: "Nobody can change this one any more:\n\nkind: ConfigMap\nimmutable: true",
	Body: func(s *scenario.S) {
		there := s.Witness("both ConfigMaps are there").Expect(s.Objects("configmap", "")).Should(ContainElements("fixed", "open"))
		open := s.Contrast("one that is not immutable can be changed").Expect(setMode(s, "open", "night")).Should(BeAccepted())

		s.Point(nobodyChanges, there, open).Expect(setMode(s, "fixed", "night")).Decides(BeInvalidAt("data"), BeAccepted())
	},
	Sabotage: suite.Sabotage{Replace: "immutable: true", By: "immutable: false", Point: nobodyChanges},
}
