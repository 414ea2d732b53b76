package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// Each container has a file system of its own, made of its image; a volume belongs to the Pod, and every container that
// mounts it sees the same files (Kubernetes docs, "Volumes").
var volumeSharedInPod = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "volume.shared-in-pod",
		Quote:  "컨테이너 끼리 데이터를 공유하기 위해서 Volume을 사용 하는 경우",
		Points: []claim.Point{{Says: "containers of a Pod share data through a volume", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		web := s.Ready("app=web")
		writer, reader := web.In("writer"), web.In("reader")

		const outside = "a path outside the volume is not shared"
		s.Write(writer, "/tmp/note", "not shared")
		s.Control(outside).Expect(writer.File("/tmp/note")).Should(Contain("not shared"))
		s.Control(outside).Expect(reader.File("/tmp/note")).Should(BeGone())
		s.Control("nothing is there before it is written").Expect(reader.File("/shared/note")).Should(BeGone())

		s.Write(writer, "/shared/note", "shared")
		s.Point("containers of a Pod share data through a volume").
			Expect(reader.File("/shared/note")).Should(Contain("shared"))
	},
	Sabotage: scenario.Sabotage{
		Replace: "reader, image: agnhost, args: [pause], volumeMounts: [{name: shared,",
		By:      "reader, image: agnhost, args: [pause], volumeMounts: [{name: shared, subPath: own,",
		Point:   "containers of a Pod share data through a volume",
	},
}
