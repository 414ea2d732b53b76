package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var storesAll = claim.P("a field that the schema does not name is stored", claim.False)

// The API server removes fields that the schema does not specify before it stores a custom resource (Kubernetes docs, "Extend
// the Kubernetes API with CustomResourceDefinitions": Field pruning).
var customStoresAll = suite.Scenario{
	ID: "custom.stores-all", Points: []*claim.Point{storesAll}, Needs: []claim.Need{claim.ClusterMutation},
	Quote:      "The API server stores a custom resource with all fields that it is given.",
	Correction: claim.Text{EN: "The API server stores a custom resource with the fields that its schema names, unless that says that unknown ones are preserved."},
	Body: func(s *scenario.S) {
		s.SubmitLoosely(s.Text("kettle/red")) // strict validation would refuse it
		stored := storedKettle(s, "red")
		named := s.Witness("the field that the schema names is stored").
			Expect(stored).Should(That("hold 2 litres", func(k kettle) bool { return k.Litres == "2" }))
		preserved := s.Contrast("a field below one that preserves unknown fields is stored").
			Expect(stored).Should(That("be red as an extra", func(k kettle) bool { return k.Extra == "red" }))

		s.Point(storesAll, named, preserved).Expect(stored).Decides(
			That("be red", func(k kettle) bool { return k.Colour == "red" }),
			That("have no colour", func(k kettle) bool { return k.Colour == "" }))
	},
	Sabotage: suite.Sabotage{
		Replace: "litres: {type: integer}}}", By: "litres: {type: integer}}, x-kubernetes-preserve-unknown-fields: true}", Point: storesAll,
	},
}
