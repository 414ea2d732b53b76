package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var podInsideContainer = claim.P("a Pod lives inside a container", claim.False).KO("Pod는 컨테이너 안에 있다")

// A Pod is a group of containers that share one network and one hostname (Kubernetes docs, "Pods").
var podContainsContainers = suite.Scenario{
	ID: "pod.contains-containers", Points: []*claim.Point{podInsideContainer},
	Quote: "컨테이너 안에 Pod이 있다",
	Correction: claim.Text{
		KO: "그 반대다. 컨테이너가 Pod 안에 있다. 한 Pod의 컨테이너들은 네트워크와 호스트 이름(Pod 이름)을 공유한다.",
		EN: "It is the other way round: containers live inside a Pod. The containers of a Pod share its network and its hostname, which is the Pod's name.",
	},
	Body: func(s *scenario.S) {
		inside := s.Ready("").Insides()

		sees := s.Witness("each container tells which network and hostname it sees").Expect(inside).Should(Not(BeEmpty()))
		differ := s.Contrast("containers of two different Pods differ in both").Expect(inside).Should(DifferFromPodToPod())

		s.Point(podInsideContainer, sees, differ).Expect(inside).Decides(HaveTheirPodToThemselves(), ShareTheirPod())
	},
	Sabotage: suite.Sabotage{
		Replace: "{name: container2, image: agnhost, args: [pause]}",
		By: "{name: container2, image: agnhost, securityContext: {privileged: true}," +
			" command: [unshare, --net, --uts, sh, -c, hostname container2; exec /agnhost pause]}",
		Point: podInsideContainer,
	},
}
