package scenarios

import (
	"strings"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var anyLength = claim.P("a label's value may have any length", claim.False)

// The value of a label has at most 63 characters (Kubernetes docs, "Labels and Selectors").
var labelAnyLength = suite.Scenario{
	ID: "label.any-length", Points: []*claim.Point{anyLength},
	Quote:      "The value of a label may be as long as you like.",
	Correction: claim.Text{EN: "The value of a label has at most 63 characters."},
	Body: func(s *scenario.S) {
		const object = "configmap/labelled"

		exists := s.Witness("the object to be labelled is there").Expect(s.Objects("configmap", "")).Should(ContainElement("labelled"))
		fits := s.Contrast("a value of 63 characters is accepted").
			Expect(s.TryLabel(object, "long", strings.Repeat("a", 63))).Should(BeAccepted())

		s.Point(anyLength, exists, fits).Expect(s.TryLabel(object, "long", strings.Repeat("a", 64))).Decides(BeAccepted(), BeInvalid())
	},
}
