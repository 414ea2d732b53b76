package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var sharedInPod = claim.P("containers of a Pod share data through a volume", claim.True).KO("한 Pod의 컨테이너들은 볼륨으로 데이터를 공유한다")

// Each container has its own file system, from its image. A volume belongs to the Pod, and all containers that mount it see the
// same files (Kubernetes docs, "Volumes").
var volumeSharedInPod = suite.Scenario{
	ID: "volume.shared-in-pod", Points: []*claim.Point{sharedInPod},
	Quote: "컨테이너 끼리 데이터를 공유하기 위해서 Volume을 사용 하는 경우",
	Remark: claim.Remark{
		KO:   "볼륨은 Pod에 선언하고 컨테이너마다 원하는 경로에 마운트한다. 한쪽은 `readOnly: true`로 마운트할 수 있다.",
		EN:   "The Pod declares the volume, and each container mounts it where it likes, also with `readOnly: true`.",
		Docs: "/docs/tasks/access-application-cluster/communicate-containers-same-pod-shared-volume/",
	},
	Body: func(s *scenario.S) {
		web := s.Ready("app=web")
		writer, reader := web.In("writer"), web.In("reader")
		s.Write(writer, "/tmp/note", "not shared")
		s.Write(reader, "/tmp/own", "the reader's")

		works := s.Witness("each container keeps files of its own").
			Expect(writer.File("/tmp/note")).Should(Contain("not shared")).
			Expect(reader.File("/tmp/own")).Should(Contain("the reader's"))
		outside := s.Contrast("a path outside of the volume is not shared, and nothing is in the volume before it is written").
			Expect(reader.File("/tmp/note")).Should(BeGone()).
			Expect(reader.File("/shared/note")).Should(BeGone())

		s.Write(writer, "/shared/note", "shared")
		s.Point(sharedInPod, works, outside).Expect(reader.File("/shared/note")).Decides(Contain("shared"), BeGone())
	},
	Sabotage: suite.Sabotage{
		Replace: "reader, image: agnhost, args: [pause], volumeMounts: [{name: shared,",
		By:      "reader, image: agnhost, args: [pause], volumeMounts: [{name: shared, subPath: own,",
		Point:   sharedInPod,
	},
}
