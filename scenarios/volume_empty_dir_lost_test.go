package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// An emptyDir lives and dies with its Pod, not with the containers in it (Kubernetes docs, "Volumes").
var volumeEmptyDirLost = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "volume.empty-dir-lost",
		Quote:  "동일한 Pod에 저장되기 때문에 Pod가 재생성되면 데이터가 제거된다. 즉 일시적인 데이터들만 저장 해야한다.",
		Points: []claim.Point{{Says: "the data is gone when the Pod is made again", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		web := s.Ready("app=web")
		file := web.In("").File("/data/written")
		s.Write(web.In(""), "/data/written", "before the crash")

		s.Crash(web)
		s.Eventually(web).Should(ConsistOf(And(HaveRestarted(1), BeReady())))
		s.Control("after a container crash in the same Pod the file is still there").
			Expect(file).Should(Contain("before the crash"))

		old := s.Delete(web)
		s.Eventually(web).Should(ConsistOf(And(BeReady(), Not(BeAmong(old)), BeOnTheNodeOf(old))))
		s.Point("the data is gone when the Pod is made again").Expect(file).Should(BeGone())
	},
	Sabotage: scenario.Sabotage{
		Replace: "emptyDir: {}", By: "hostPath: {path: node-folder, type: DirectoryOrCreate}",
		Point: "the data is gone when the Pod is made again",
	},
}
