package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	reachesFiles       = claim.P("a change of a ConfigMap reaches the files that a running container mounts", claim.True)
	reachesEnvironment = claim.P("it reaches the environment of a running container", claim.False)
)

// The kubelet updates mounted ConfigMaps, but not files that are mounted with subPath, and not environment variables (Kubernetes
// docs, "ConfigMaps": Mounted ConfigMaps are updated automatically).
var configReachesContainers = suite.Scenario{
	ID: "config.reaches-containers", Points: []*claim.Point{reachesFiles, reachesEnvironment},
	Quote:      "A change of a ConfigMap reaches running containers: the files that they mount and their environment.",
	Correction: claim.Text{EN: "A change of a ConfigMap reaches the files that running containers mount, and not their environment."},
	Body: func(s *scenario.S) {
		reader := s.Ready("app=reader").In("")
		mounted, fixed, environment := reader.File("/settings/mode"), reader.File("/fixed/mode"), reader.File("/tmp/environment")
		const printed = "printenv MODE > /tmp/environment"

		s.Run(reader, "sh", "-c", printed)
		both := s.Witness("the container reads what the ConfigMap said first").
			Expect(mounted).Should(Contain("day")).Expect(environment).Should(Contain("day"))
		bySubPath := s.Contrast("a file that is mounted by subPath stays as it was")

		s.Expect(setMode(s, "settings", "night")).Should(BeAccepted())
		s.Label("pod/reader", "seen", "again") // the kubelet updates volumes when their Pod changes, or after a minute
		s.Point(reachesFiles, both, bySubPath).Eventually(mounted).Decides(Contain("night"), Lasting(Contain("day")))
		bySubPath.Consistently(fixed).Should(Contain("day"))

		s.Create("pod/late")
		late := s.Ready("app=late").In("")
		s.Run(late, "sh", "-c", printed)
		begun := s.Contrast("a container that starts after the change has it in its environment").Expect(late.File("/tmp/environment")).Should(Contain("night"))
		s.Run(reader, "sh", "-c", printed)
		s.Point(reachesEnvironment, both, begun).Expect(environment).Decides(Contain("night"), Contain("day"))
	},
	Sabotage: suite.Sabotage{Replace: "mountPath: /settings}", By: "mountPath: /settings/mode, subPath: mode}", Point: reachesFiles},
}
