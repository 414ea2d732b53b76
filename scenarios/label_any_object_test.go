package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Labels stand in the metadata that all kinds of objects share (Kubernetes docs, "Labels and Selectors").
var labelAnyObject = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "label.any-object",
		Quote:  "라벨은 Pod 뿐만 아니라 Object도 사용 가능, 대부분 Pod에사용",
		Points: []claim.Point{{Says: "labels work on objects other than Pods", Expect: claim.True}},
		Needs:  []claim.Need{claim.ClusterMutation}, // a node is labelled, too
	},
	Body: func(s *scenario.S) {
		key := "noteproof.dev/" + s.Namespace() // nodes and namespaces are everybody's
		for _, one := range []struct{ kind, name string }{
			{"node", s.Node("worker-1")}, {"namespace", s.Namespace()}, {"service", "labelled"},
			{"configmap", "labelled"}, {"deployment", "labelled"}, {"persistentvolumeclaim", "labelled"},
		} {
			s.Expect(s.Objects(one.kind, key)).Should(BeEmpty())
			s.Label(one.kind+"/"+one.name, key, "chosen")
			s.Point("labels work on objects other than Pods").Expect(s.Objects(one.kind, key+"=chosen")).Should(ConsistOf(one.name))
			s.Control("a selector for another value returns none of them").Expect(s.Objects(one.kind, key+"=other")).Should(BeEmpty())
		}
	},
}
