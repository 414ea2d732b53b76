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
		KO: "그 반대다. 컨테이너가 Pod 안에 있다. 한 Pod의 컨테이너들은 네트워크(IP, 포트, localhost)와 호스트 이름(기본값은 Pod 이름)을 공유한다.",
		EN: "It is the other way round: containers live inside a Pod. The containers of a Pod share its network (IP, ports, localhost) and its hostname, by default the Pod's name.",
	},
	Remark: claim.Remark{
		KO:   "함께 배치되고 함께 확장되어야 하는 컨테이너만 한 Pod에 넣는다. 대부분의 Pod는 컨테이너가 하나이고, Pod도 직접 만들기보다 Deployment 같은 컨트롤러에 맡긴다.",
		EN:   "Put containers into one Pod only if they must be placed and scaled together. Most Pods have one container, and are created by a controller such as a Deployment.",
		Docs: "/docs/concepts/workloads/pods/",
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
