package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	localhostReaches = claim.P("container 1 reaches container 2 at localhost:8080", claim.True).KO("Container1은 localhost:8080으로 Container2에 접근할 수 있다")
	secondIsUpFirst  = claim.P("container 2 can be an init container that serves before container 1 starts, and goes on", claim.TrueFrom("1.29")).
				KO("Container2를 Container1보다 먼저 응답하기 시작해 계속 실행되는 init 컨테이너로 만들 수 있다")
)

// The containers of a Pod share one network namespace and its loopback interface. Ordinary containers start one after another, and
// none waits until another one serves, unless that has a postStart hook which does. An init container with restartPolicy Always, a sidecar, does not keep the others from
// starting once its startupProbe has passed, and goes on running (gate SidecarContainers, on by default from 1.29 on).
var podLocalhost = suite.Scenario{
	ID: "pod.localhost", Points: []*claim.Point{localhostReaches, secondIsUpFirst},
	Quote: "동일한 Pod에서는 Container1 -> Container2로 접근할 때 localhost:8080으로 접근 가능",
	Correction: claim.Text{
		KO: "같은 Pod의 컨테이너들은 localhost로 서로 접근할 수 있지만, Container1이 시작될 때 Container2가 이미 응답한다는 보장은 없으므로 첫 요청은 실패할 수 있다. 1.29부터는 Container2를 `restartPolicy: Always`인 init 컨테이너(사이드카)로 만들고 startupProbe를 달면 Container2가 먼저 준비된다. 그 전 버전에서는 Container1이 재시도하거나, Container2를 앞에 적고 응답할 때까지 기다리는 postStart 훅을 단다.",
		EN: "The containers of a Pod reach each other at localhost, but nothing makes sure that container 2 serves when container 1 starts, so the first request may fail. From 1.29 on, container 2 is up first if it is an init container with `restartPolicy: Always` (a sidecar) and a startupProbe. Before, container 1 tries again, or container 2 stands first and has a postStart hook that waits until it serves.",
	},
	Remark: claim.Remark{
		KO:   "다른 컨테이너가 이미 응답한다는 보장이 없으므로 첫 요청은 거부될 수 있다. 먼저 떠 있어야 하는 컨테이너는 사이드카(1.29부터)로 만들거나 클라이언트가 재시도하게 한다. localhost를 함께 쓰는 컨테이너들은 신뢰 경계도 함께 쓴다. 127.0.0.1에서만 수신하는 서버에도 같은 Pod의 컨테이너는 접근할 수 있지만, Service를 통해서는 접근할 수 없다.",
		EN:   "Nothing makes sure that the other container already serves, so the first request may be refused: make the one that must be up a sidecar (1.29 and later), or retry. Sharing localhost is also sharing trust: a server that listens on 127.0.0.1 only is open to its neighbours, and closed to Services.",
		Docs: "/docs/concepts/workloads/pods/sidecar-containers/",
	},
	Body: func(s *scenario.S) {
		web, other := s.Ready("app=web"), s.Ready("app=other")
		const url = "http://localhost:8080/tmp/who"

		serves := s.Witness("container 2 reaches its own server, and container 1 a server of its own").
			Eventually(web.In("container2").HTTP(url)).Should(BeAnsweredWith("container 2")).
			Eventually(web.In("container1").HTTP("http://localhost:8000/tmp/who")).Should(BeAnsweredWith("container 1"))
		refused := s.Contrast("from another Pod, localhost:8080 is refused").
			Eventually(other.In("client").HTTP(url)).Should(BeRefused())

		s.Point(localhostReaches, serves, refused).
			Eventually(web.In("container1").HTTP(url)).Decides(BeAnsweredWith("container 2"), Lasting(BeUnreached()))

		first := func(app string) probe.Look { return s.Pods("app=" + app).In("container1").File("/tmp/first") }
		answered, tooEarly := Contain("exit code 0"), Contain("exit code 7") // of curl
		early := s.Contrast("of two ordinary containers the first one's first request comes too early").
			Eventually(first("together")).Should(tooEarly)
		before := s.Point(secondIsUpFirst, serves, early)
		if knows(s, before, "pod/ordered", "spec.initContainers.container2.restartPolicy") {
			s.Create("pod/ordered")
			before.Eventually(first("ordered")).Decides(answered, tooEarly)
		}
	},
	Sabotage: suite.Sabotage{
		Replace: `exec /agnhost test-webserver --port 8080"]`,
		By:      `exec unshare --net sh -c 'ip link set lo up; exec /agnhost test-webserver --port 8080'"], securityContext: {privileged: true}`,
		Point:   localhostReaches,
	},
	Also: []suite.Sabotage{{
		Replace: "sleep 10; exec /agnhost netexec\"], restartPolicy: Always,\n       startupProbe: {tcpSocket: {port: 8080},",
		By:      "sleep 60; exec /agnhost netexec\"], restartPolicy: Always,\n       startupProbe: {exec: {command: [\"true\"]},",
		Point:   secondIsUpFirst,
	}},
}
