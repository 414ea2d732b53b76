package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var emptyDirLost = claim.P("the data is gone when the Pod is made again", claim.True).KO("Pod가 다시 만들어지면 데이터가 사라진다")

// An emptyDir exists as long as its Pod, independently of the containers in it (Kubernetes docs, "Volumes").
var volumeEmptyDirLost = suite.Scenario{
	ID: "volume.empty-dir-lost", Points: []*claim.Point{emptyDirLost},
	Quote: "동일한 Pod에 저장되기 때문에 Pod가 재생성되면 데이터가 제거된다. 즉 일시적인 데이터들만 저장 해야한다.",
	Remark: claim.Remark{
		KO:   "컨테이너가 죽어 재시작되는 것으로는 사라지지 않는다. Pod가 축출되면 사라지며, `sizeLimit`을 넘어 축출될 때도 마찬가지다. 캐시나 중간 결과에만 쓴다.",
		EN:   "A container that crashes and restarts does not lose it. Eviction does, also that for exceeding `sizeLimit`. Use it for caches and intermediate results.",
		Docs: "/docs/concepts/storage/volumes/#emptydir",
	},
	Body: func(s *scenario.S) {
		web := s.Ready("app=web")
		inside := web.In("web")
		file := inside.File("/data/written")
		s.Write(inside, "/data/written", "before the crash")

		first := s.Crash(web)
		s.Eventually(web).Should(ConsistOf(And(HaveRestartedSince(first, "web"), BeReady())))
		kept := s.Contrast("after a container crash in the same Pod the file is still there").
			Expect(file).Should(Contain("before the crash"))

		old := s.Delete(web)
		s.Eventually(web).Should(ConsistOf(And(BeReady(), Not(BeAmong(old)), BeOnTheNodeOf(old))))
		s.Write(inside, "/tmp/note", "in the new Pod")
		works := s.Witness("the new Pod, on the same node, keeps a file").Expect(inside.File("/tmp/note")).Should(Contain("in the new Pod"))
		s.Point(emptyDirLost, works, kept).Expect(file).Decides(BeGone(), Contain("before the crash"))
	},
	Sabotage: suite.Sabotage{Replace: "emptyDir: {}", By: "hostPath: {path: node-folder, type: DirectoryOrCreate}", Point: emptyDirLost},
}
