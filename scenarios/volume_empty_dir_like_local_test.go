package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var likeLocal = claim.P("each container uses it as a local directory", claim.True).KO("각 컨테이너는 볼륨을 로컬 디렉터리처럼 쓴다")

// An emptyDir is a directory on the node that is mounted into each container at the path that the container specifies: ordinary
// file operations use it directly (Kubernetes docs, "Volumes").
var volumeEmptyDirLikeLocal = suite.Scenario{
	ID: "volume.empty-dir-like-local", Points: []*claim.Point{likeLocal},
	Quote: "Container1, Container2 서로 마운트가되 있는 Volume에 저장 한다. 즉 자신의 로컬에 저장되 어있는 것 처럼 사용한다.",
	Remark: claim.Remark{
		KO:   "컨테이너마다 마운트 경로가 달라도 같은 파일이다. 동시에 쓰는 프로그램은 로컬 파일에서처럼 잠금이 필요하다.",
		EN:   "The files are the same under whatever path a container mounts them. Programs that write at the same time need locks, as with local files.",
		Docs: "/docs/concepts/storage/volumes/#emptydir",
	},
	Body: func(s *scenario.S) {
		web := s.Ready("app=web")
		one, two := web.In("container1"), web.In("container2")
		s.Write(one, "/tmp/own", "of 1")
		s.Write(two, "/tmp/own", "of 2")
		s.Write(one, "/mount1/first", "from 1")

		works := s.Witness("each container keeps files of its own").
			Expect(one.File("/tmp/own")).Should(Contain("of 1")).
			Expect(two.File("/tmp/own")).Should(Contain("of 2"))
		apart := s.Contrast("the first container's path means nothing in the second").
			Expect(two.File("/mount1/first")).Should(BeGone())

		local := s.Point(likeLocal, works, apart)
		shows := func(file probe.Look, content string) {
			local.Expect(file).Decides(Contain(content), Not(Contain(content)))
		}
		shows(two.File("/mount2/first"), "from 1")
		s.Write(two, "/mount2/second", "from 2")
		shows(one.File("/mount1/second"), "from 2")
		s.Run(two, "sh", "-c", "echo ', then 2' >> /mount2/first")
		shows(one.File("/mount1/first"), "from 1, then 2")
		s.Run(one, "mv", "/mount1/first", "/mount1/renamed")
		shows(two.File("/mount2/renamed"), "from 1, then 2")
		local.Expect(two.File("/mount2/first")).Decides(BeGone(), Not(BeGone()))
	},
	Sabotage: suite.Sabotage{Replace: "mountPath: /mount2", By: "mountPath: /mount2, subPath: own", Point: likeLocal},
}
