package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	containerHoldsPods = claim.P("one container holds several Pods", claim.False).KO("한 컨테이너에 Pod가 여러 개 들어간다")
	portsCollide       = claim.P("two containers of one Pod cannot listen on the same port", claim.True).KO("한 Pod의 두 컨테이너는 같은 포트에서 수신할 수 없다")
	collisionUnsaid    = claim.P("the API server says nothing of two containers that declare the same port", claim.TrueBefore("1.28")).
				KO("두 컨테이너가 같은 포트를 선언해도 API 서버는 경고하지 않는다")
)

// The containers of a Pod share one network namespace, in which an address, protocol and port can be bound once (bind(2),
// EADDRINUSE). The API server accepts containers that declare the same port, since a declaration does not open a port. From 1.28 on it
// warns of them (CHANGELOG-1.28, #113245).
var podContainersAndPorts = suite.Scenario{
	ID: "pod.containers-and-ports", Points: []*claim.Point{containerHoldsPods, portsCollide, collisionUnsaid},
	Quote: "한 컨테이너에서 여러 Pod를 가질 수 있지만 동일한 Pod 내에서 컨테이너는 Port가 동일 할 수 없다.",
	Correction: claim.Text{
		KO: "한 Pod에는 컨테이너가 여러 개 들어갈 수 있고, 컨테이너는 언제나 한 Pod에만 속한다. 같은 Pod의 컨테이너들은 SO_REUSEPORT를 쓰지 않는 한 같은 주소와 프로토콜로 같은 포트를 동시에 열 수 없다. 먼저 연 컨테이너만 남고, 나중 것은 `address already in use`로 죽어 재시작을 되풀이한다. `containerPort`가 겹쳐도 API 서버는 거부하지 않으며, 1.28부터는 경고를 보낸다.",
		EN: "One Pod can hold several containers, and a container always belongs to one Pod. Containers of the same Pod cannot listen on the same port of the same address and protocol, unless they use SO_REUSEPORT: the first one keeps it, and the other dies with `address already in use` again and again. The API server does not refuse containerPorts that collide; from 1.28 on it warns of them.",
	},
	Remark: claim.Remark{
		KO:   "`containerPort`는 참고용 정보일 뿐이다. 선언하지 않아도 프로그램이 연 포트에는 접근할 수 있고, 선언한다고 포트가 열리지는 않는다.",
		EN:   "A `containerPort` is documentation: a port that the program opens is reachable without it, and declaring it opens none.",
		Docs: "/docs/concepts/services-networking/service/",
	},
	Body: func(s *scenario.S) {
		two, both, same := s.Ready("app=two-ports"), s.Ready("app=tcp-and-udp"), s.Pods("app=same-port")
		s.Eventually(same).Should(ConsistOf(HaveStarted()))

		serves := s.Witness("on two ports, each container reaches its own server").
			Eventually(two.In("container1").HTTP("http://localhost:8000/hostname")).Should(BeAnsweredWith("two-ports")).
			Eventually(two.In("container2").HTTP("http://localhost:8080/hostname")).Should(BeAnsweredWith("two-ports"))
		apart := s.Contrast("one number on TCP and on UDP does not collide, and neither do two numbers").
			Eventually(both.In("tcp").HTTP("http://localhost:8080/dial?host=127.0.0.1&port=8080&protocol=udp&request=hostname")).
			Should(BeAnsweredWith(`{"responses":["tcp-and-udp"]}`)).
			Expect(s.Pods("app in (two-ports, tcp-and-udp)")).Should(And(HaveLen(2), HaveEach(HaveNeverEnded())))

		s.Supporting(portsCollide).Expect(same).Should(ConsistOf(DeclarePorts(8080, 8080))) // the API server accepted it
		s.Point(portsCollide, serves, apart).Eventually(same).
			Decides(ConsistOf(HaveOneFailed("address already in use")), Lasting(ConsistOf(HaveNeverEnded())))

		warns := s.Witness("the API server warns of a deprecated label").Expect(s.Warnings("pod/warned-of")).Should(Say("deprecated"))
		differing := s.Contrast("of two different ports it says nothing").Expect(s.Warnings("pod/two-ports")).Should(Not(Say("duplicate port")))
		s.Point(collisionUnsaid, warns, differing).Expect(s.Warnings("pod/same-port")).Decides(Not(Say("duplicate port")), Say("duplicate port"))

		listed := s.Witness("the containers of each Pod are listed").Expect(two.Containers()).Should(Not(BeEmpty()))
		none := s.NoContrast("a kubelet reports a container in the status of the Pod that it started it for, and of no other")
		s.Point(containerHoldsPods, listed, none).Expect(s.Pods("").Containers()).Decides(StandInSeveralPods(), StandInOnePodEach())
	},
	Sabotage: suite.Sabotage{
		Replace: "container2, image: agnhost, args: [netexec, --http-port=8080, --udp-port=-1], ports",
		By: "container2, image: agnhost, securityContext: {privileged: true}," +
			" command: [unshare, --net, /agnhost, netexec, --http-port=8080, --udp-port=-1], ports",
		Point: portsCollide,
	},
	Also: []suite.Sabotage{{Replace: "protocol: TCP", By: "protocol: UDP", Point: collisionUnsaid}},
}
