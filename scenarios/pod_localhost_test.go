package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var localhostReaches = claim.P("container 1 reaches container 2 at localhost:8080", claim.True).KO("container1은 localhost:8080으로 container2에 접근할 수 있다")

// The containers of a Pod share one network namespace and its loopback interface.
var podLocalhost = suite.Scenario{
	ID: "pod.localhost", Points: []*claim.Point{localhostReaches},
	Quote: "동일한 Pod에서는 Container1 -> Container2로 접근할 때 localhost:8080으로 접근 가능",
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
	},
	Sabotage: suite.Sabotage{
		Replace: `exec /agnhost test-webserver --port 8080"]`,
		By:      `exec unshare --net sh -c 'ip link set lo up; exec /agnhost test-webserver --port 8080'"], securityContext: {privileged: true}`,
		Point:   localhostReaches,
	},
}
