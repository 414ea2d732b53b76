package scenarios

import (
	"strings"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The value of a label has at most 63 characters (Kubernetes docs, "Labels and Selectors").
var labelAnyLength = scenario.Scenario{
	Claim: claim.Claim{
		ID:         "label.any-length",
		Quote:      "The value of a label may be as long as you like.",
		Points:     []claim.Point{{Says: "a label's value may have any length", Expect: claim.False}},
		Correction: claim.Text{EN: "The value of a label has at most 63 characters."},
	},
	Body: func(s *scenario.S) {
		const object = "configmap/labelled"

		s.Control("a value of 63 characters is accepted").
			Expect(s.TryLabel(object, "long", strings.Repeat("a", 63))).Should(BeAccepted())

		s.Point("a label's value may have any length").
			Expect(s.TryLabel(object, "long", strings.Repeat("a", 64))).Tells(BeAccepted(), BeInvalid())
	},
}
