package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The containers of a Pod share one network namespace, in which an address, protocol and port can be bound once (bind(2),
// EADDRINUSE). The API server does not compare the ports that containers declare: a declaration opens nothing.
var podContainersAndPorts = scenario.Scenario{
	Claim: claim.Claim{
		ID:    "pod.containers-and-ports",
		Quote: "한 컨테이너에서 여러 Pod를 가질 수 있지만 동일한 Pod 내에서 컨테이너는 Port가 동일 할 수 없다.",
		Points: []claim.Point{
			{Says: "one container holds several Pods", Expect: claim.False},
			{Says: "two containers of one Pod cannot listen on the same port", Expect: claim.True},
		},
		Correction: claim.Text{
			KO: "한 Pod가 여러 컨테이너를 가질 수 있고, 컨테이너는 언제나 한 Pod에만 속한다. 같은 Pod의 컨테이너들은 같은 프로토콜의 같은 Port에서 함께 수신할 수 없다.",
			EN: "One Pod can hold several containers, and a container always belongs to one Pod. Containers of the same Pod cannot listen on the same port of the same protocol.",
		},
	},
	Body: func(s *scenario.S) {
		two, both, same := s.Ready("app=two-ports"), s.Ready("app=tcp-and-udp"), s.Pods("app=same-port")

		for _, port := range []string{"8000", "8080"} {
			s.Control("containers on two ports run").Eventually(two.In("").HTTP("http://localhost:" + port + "/hostname")).Should(BeAnsweredWith("two-ports"))
		}
		s.Control("the same number on TCP and on UDP runs").
			Eventually(both.In("").HTTP("http://localhost:8080/dial?host=127.0.0.1&port=8080&protocol=udp&request=hostname")).
			Should(BeAnsweredWith(`{"responses":["tcp-and-udp"]}`))
		s.Control("neither was ever restarted").Consistently(s.Pods("app in (two-ports, tcp-and-udp)")).Should(HaveEach(HaveNeverRestarted()))

		const listen = "two containers of one Pod cannot listen on the same port"
		s.Beside(listen).Expect(same).Should(ConsistOf(DeclarePorts(8080, 8080))) // the API server took it
		s.Point(listen).Eventually(same).Should(ConsistOf(HaveOneCrashLooping()))
		s.Point(listen).Eventually(same.Logs()).Should(Say("address already in use"))

		s.Point("one container holds several Pods").Expect(s.AllContainers()).Tells(StandInSeveralPods(), StandInOnePodEach())
	},
	Sabotage: scenario.Sabotage{
		Replace: "container2, image: agnhost, args: [netexec, --http-port=8080, --udp-port=-1], ports",
		By:      "container2, image: agnhost, args: [netexec, --http-port=8000, --udp-port=-1], ports",
		Point:   "two containers of one Pod cannot listen on the same port",
	},
}
