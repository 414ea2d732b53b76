package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A Pod is a group of containers that share one network and one hostname (Kubernetes docs, "Pods").
var podContainsContainers = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "pod.contains-containers",
		Quote:  "컨테이너 안에 Pod이 있다",
		Points: []claim.Point{{Says: "a Pod lives inside a container", Expect: claim.False}},
		Correction: claim.Text{
			KO: "반대로 Pod 안에 컨테이너가 있다. 한 Pod의 컨테이너들은 네트워크와 호스트 이름(Pod의 이름)을 함께 쓴다.",
			EN: "It is the other way round: containers live inside a Pod. The containers of a Pod share its network and its hostname, which is the Pod's name.",
		},
	},
	Body: func(s *scenario.S) {
		inside := s.See(s.Ready("").Insides())

		s.Control("containers of two different Pods differ in network and hostname").Expect(inside).Should(DifferFromPodToPod())

		s.Point("a Pod lives inside a container").Expect(inside).Tells(HaveTheirPodToThemselves(), ShareTheirPod())
	},
}
