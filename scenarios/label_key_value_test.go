package scenarios

import (
	"strings"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var oneKeyOneValue = claim.P("a label is one key with one value", claim.True).KO("라벨은 키 하나에 값 하나다")

// An object's labels are a map: a key occurs once, with one value of at most 63 characters (Kubernetes docs, "Labels and
// Selectors", syntax and character set).
var labelKeyValue = suite.Scenario{
	ID: "label.key-value", Points: []*claim.Point{oneKeyOneValue},
	Quote: "라벨은 key, value가 한 쌍",
	Remark: claim.Remark{
		KO:   "키의 이름과 값은 각각 최대 63자이고, 키에는 `example.com/` 같은 접두사를 붙일 수 있다. 대소문자를 구별한다. 권장 라벨인 `app.kubernetes.io/…`를 쓰면 여러 도구가 알아본다.",
		EN:   "The name of a key and its value have at most 63 characters each, and a key may have a prefix such as `example.com/`. Case matters. Tools know the common labels `app.kubernetes.io/…`.",
		Docs: "/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set",
	},
	Body: func(s *scenario.S) {
		const object = "configmap/labelled"
		selected := func(by string) probe.Look { return s.Objects("configmap", by) }

		listed := s.Witness("the object is listed without a selector").Expect(selected("")).Should(ContainElement("labelled"))
		s.Label(object, "lo", "dev")
		s.Label(object, "type", "web")
		two := s.Contrast("at two keys, one object has two values at once").Expect(selected("lo=dev,type=web")).Should(ContainElement("labelled"))
		form := s.Contrast("a value of 63 characters or none is accepted, but not one more, and no list of values").
			Expect(s.TryLabel(object, "size", strings.Repeat("a", 63))).Should(BeAccepted()).
			Expect(s.TryLabel(object, "size", "")).Should(BeAccepted()).
			Expect(s.TryLabel(object, "size", strings.Repeat("a", 64))).Should(BeInvalid()).
			Expect(s.TryLabel(object, "type", "web,db")).Should(BeInvalid())

		s.Label(object, "type", "db")
		s.Point(oneKeyOneValue, listed, two, form).Expect(selected("type=db")).Decides(ContainElement("labelled"), Not(ContainElement("labelled")))
		s.Point(oneKeyOneValue, listed, two, form).Expect(selected("type=web")).Decides(BeEmpty(), Not(BeEmpty()))
	},
	Sabotage: suite.Sabotage{
		Replace: "metadata: {name: labelled}",
		By:      "metadata: {name: labelled}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, labels: {type: web}}",
		Point:   oneKeyOneValue,
	},
}
