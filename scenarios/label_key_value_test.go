package scenarios

import (
	"strings"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// An object's labels are a map: a key stands in it once, with one value of at most 63 characters (Kubernetes docs,
// "Labels and Selectors", syntax and character set).
var labelKeyValue = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "label.key-value",
		Quote:  "라벨은 key, value가 한 쌍",
		Points: []claim.Point{{Says: "a label is one key with one value", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		const pair, object = "a label is one key with one value", "configmap/labelled"

		s.Control("the API refuses a value of 64 characters").Expect(s.TryLabel(object, "type", strings.Repeat("a", 64))).Should(BeInvalid())
		s.Control("the API refuses an illegal character").Expect(s.TryLabel(object, "type", "web/db")).Should(BeInvalid())
		s.Control("the API accepts 63 characters").Expect(s.TryLabel(object, "type", strings.Repeat("a", 63))).Should(BeAccepted())
		s.Control("the API accepts an empty value").Expect(s.TryLabel(object, "type", "")).Should(BeAccepted())

		s.Label(object, "type", "web")
		s.Point(pair).Expect(s.Objects("configmap", "type=web")).Should(ConsistOf("labelled"))
		s.Label(object, "type", "db")
		s.Point(pair).Expect(s.Objects("configmap", "type=web")).Should(BeEmpty())
		s.Point(pair).Expect(s.Objects("configmap", "type=db")).Should(ConsistOf("labelled"))
	},
	Sabotage: scenario.Sabotage{
		Replace: "metadata: {name: labelled}",
		By:      "metadata: {name: labelled}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, labels: {type: web}}",
		Point:   "a label is one key with one value",
	},
}
