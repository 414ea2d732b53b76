package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var labelsOnAnyObject = claim.P("labels work on objects other than Pods", claim.True).KO("라벨은 Pod가 아닌 오브젝트에도 쓸 수 있다")

// Labels are part of the metadata that all kinds of objects have (Kubernetes docs, "Labels and Selectors"). There is no
// sabotage: a manifest cannot remove labels from a kind of object. An admission policy of the cluster can.
var labelAnyObject = suite.Scenario{
	ID: "label.any-object", Points: []*claim.Point{labelsOnAnyObject},
	Quote: "라벨은 Pod 뿐만 아니라 Object도 사용 가능, 대부분 Pod에사용",
	Remark: claim.Remark{
		KO:   "선택에 쓸 정보는 라벨에, 설명이나 도구가 읽을 정보는 어노테이션에 적는다. 어노테이션으로는 선택할 수 없다.",
		EN:   "What is to be selected belongs into labels, what describes or is read by tools into annotations: they cannot be selected.",
		Docs: "/docs/concepts/overview/working-with-objects/annotations/",
	},
	Needs: []claim.Need{claim.NodeLabels}, // a node is labelled, too
	Body: func(s *scenario.S) {
		key := "noteproof.dev/" + s.Namespace() // unique, because nodes and namespaces are shared

		listed := s.Witness("without a selector, each object is listed")
		other := s.Contrast("a selector for another value returns none of them")
		for _, one := range []struct{ kind, name string }{
			{"node", s.Node("worker-1")}, {"namespace", s.Namespace()}, {"service", "labelled"},
			{"configmap", "labelled"}, {"deployment", "labelled"}, {"persistentvolumeclaim", "labelled"},
		} {
			s.Label(one.kind+"/"+one.name, key, "chosen")

			listed = listed.Expect(s.Objects(one.kind, "")).Should(ContainElement(one.name))
			other.Expect(s.Objects(one.kind, key+"=other")).Should(BeEmpty())

			s.Point(labelsOnAnyObject, listed, other).Expect(s.Objects(one.kind, key+"=chosen")).Decides(ConsistOf(one.name), BeEmpty())
		}
	},
}
