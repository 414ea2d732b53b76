package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The kubelet makes an emptyDir's folder when the Pod comes to the node, before any container starts (Kubernetes docs,
// "Volumes", emptyDir).
var volumeEmptyDirStartsEmpty = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "volume.empty-dir-starts-empty",
		Quote:  "최초 Volume 생성되는 경우 Volume은 Empty이기 때문에 Empty Dir",
		Points: []claim.Point{{Says: "an emptyDir is empty at first", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		disk, memory, host := s.Ready("app=disk"), s.Ready("app=memory"), s.Ready("app=host")
		const listing, none = "/tmp/at-first", "0 entries"

		s.Control("the same program sees the files of a hostPath that has some").
			Expect(host.In("").File(listing)).ShouldNot(Or(Contain(none), BeGone()))

		s.Point("an emptyDir is empty at first").Expect(disk.In("").File(listing)).Should(Contain(none))
		s.Point("an emptyDir is empty at first").Expect(memory.In("").File(listing)).Should(Contain(none))
	},
	Sabotage: scenario.Sabotage{
		Replace: "emptyDir: {medium: Memory}", By: "hostPath: {path: /etc}",
		Point: "an emptyDir is empty at first",
	},
}
