package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	startsEmpty    = claim.P("an emptyDir is empty at first", claim.True).KO("emptyDir는 처음에 비어 있다")
	imageAsAVolume = claim.P("an image can be mounted as a volume that has its files from the start", claim.TrueFrom("1.35")).
			KO("처음부터 파일이 들어 있는 볼륨으로 이미지를 마운트할 수 있다")
)

// The kubelet creates the directory of an emptyDir when the Pod is assigned to the node, before any container starts (Kubernetes
// docs, "Volumes", emptyDir). Volumes of other kinds come with files. That of an image is on by default from 1.35 on (gate ImageVolume;
// "Volumes", image).
var volumeEmptyDirStartsEmpty = suite.Scenario{
	ID: "volume.empty-dir-starts-empty", Points: []*claim.Point{startsEmpty, imageAsAVolume},
	Quote: "최초 Volume 생성되는 경우 Volume은 Empty이기 때문에 Empty Dir",
	Correction: claim.Text{
		KO: "그대로 맞는 말이다. emptyDir는 언제나 비어 있는 채로 시작한다. 처음부터 내용이 있는 볼륨이 필요하면 ConfigMap이나 Secret, init 컨테이너가 채운 emptyDir를 쓰고, 1.35부터는 이미지를 볼륨으로 마운트할 수도 있다.",
		EN: "That is so: an emptyDir is always empty at first. If a volume must come with files, use a ConfigMap, a Secret or an emptyDir that an init container fills; from 1.35 on, an image can be mounted as a volume, too.",
	},
	Remark: claim.Remark{
		KO:   "처음부터 내용이 있어야 하면 init 컨테이너로 채우거나 ConfigMap, 이미지 볼륨을 쓴다. `medium: Memory`인 emptyDir는 메모리 limit에 포함된다.",
		EN:   "If it must have content from the start, let an init container fill it, or use a ConfigMap or an image volume. With `medium: Memory` it counts towards the memory limit.",
		Docs: "/docs/concepts/storage/volumes/#emptydir",
	},
	Body: func(s *scenario.S) {
		disk, memory := s.Ready("app=disk").In("lister"), s.Ready("app=memory").In("lister")
		filled := s.Ready("app=filled").In("lister")
		const own, listing = "/tmp/own-at-first", "/tmp/data-at-first"
		none := Contain("0 entries")
		some := And(Not(none), Not(Contain("unreadable")), Not(BeGone()))

		counts := s.Witness("the same program counts the one file in a folder of its own").
			Expect(disk.File(own)).Should(Contain("1 entries")).
			Expect(memory.File(own)).Should(Contain("1 entries"))
		sees := s.Contrast("the same program sees the files of a volume that comes with some").
			Expect(filled.Mount("/data")).Should(BeMounted()).
			Expect(filled.File(listing)).Should(some)

		inMemory := s.Contrast("the emptyDir in memory is another file system than its container's").
			Expect(memory.Mount("/data")).Should(BeMountedAs("tmpfs"))

		empty := s.Point(startsEmpty, counts, sees, inMemory)
		for _, lister := range []probe.Shell{disk, memory} {
			empty.Expect(lister.Mount("/data")).Decides(BeMounted(), Not(BeMounted()))
			empty.Expect(lister.File(listing)).Decides(none, some)
		}

		fresh := s.Contrast("an emptyDir has none").Expect(disk.File(listing)).Should(none)
		image := s.Point(imageAsAVolume, counts, fresh)
		if knows(s, image, "pod/imaged", "spec.volumes.data.image") {
			s.Create("pod/imaged")
			image.Expect(s.Ready("app=imaged").In("lister").File(listing)).Decides(some, none)
		}
	},
	Sabotage: suite.Sabotage{
		Replace: "emptyDir: {medium: Memory}", By: `downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}`,
		Point: startsEmpty,
	},
	Also: []suite.Sabotage{{Replace: "image: {reference: agnhost, pullPolicy: IfNotPresent}", By: "emptyDir: {}", Point: imageAsAVolume}},
}
