package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var startsEmpty = claim.P("an emptyDir is empty at first", claim.True).KO("emptyDir는 처음에 비어 있다")

// The kubelet creates the directory of an emptyDir when the Pod is assigned to the node, before any container starts (Kubernetes
// docs, "Volumes", emptyDir).
var volumeEmptyDirStartsEmpty = suite.Scenario{
	ID: "volume.empty-dir-starts-empty", Points: []*claim.Point{startsEmpty},
	Quote: "최초 Volume 생성되는 경우 Volume은 Empty이기 때문에 Empty Dir",
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
	},
	Sabotage: suite.Sabotage{
		Replace: "emptyDir: {medium: Memory}", By: `downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}`,
		Point: startsEmpty,
	},
}
