package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// An emptyDir is a folder on the node, bound into each container at the path that the container asks for: plain file
// operations go straight to it (Kubernetes docs, "Volumes").
var volumeEmptyDirLikeLocal = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "volume.empty-dir-like-local",
		Quote:  "Container1, Container2 서로 마운트가되 있는 Volume에 저장 한다. 즉 자신의 로컬에 저장되 어있는 것 처럼 사용한다.",
		Points: []claim.Point{{Says: "each container uses it as a local directory", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		web := s.Ready("app=web")
		one, two := web.In("container1"), web.In("container2")
		local := s.Point("each container uses it as a local directory")

		s.Write(one, "/mount1/first", "from 1")
		s.Control("the first container's path means nothing in the second").Expect(one.File("/mount1/first")).Should(Contain("from 1"))
		s.Control("the first container's path means nothing in the second").Expect(two.File("/mount1/first")).Should(BeGone())

		local.Expect(two.File("/mount2/first")).Should(Contain("from 1"))
		s.Write(two, "/mount2/second", "from 2")
		local.Expect(one.File("/mount1/second")).Should(Contain("from 2"))
		s.Run(two, "sh", "-c", "echo ', then 2' >> /mount2/first")
		local.Expect(one.File("/mount1/first")).Should(Contain("from 1, then 2"))
		s.Run(one, "mv", "/mount1/first", "/mount1/renamed")
		local.Expect(two.File("/mount2/first")).Should(BeGone())
		local.Expect(two.File("/mount2/renamed")).Should(Contain("from 1, then 2"))
	},
	Sabotage: scenario.Sabotage{
		Replace: "mountPath: /mount2", By: "mountPath: /mount2, subPath: own",
		Point: "each container uses it as a local directory",
	},
}
