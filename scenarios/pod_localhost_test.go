package scenarios

import (
	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// The containers of a Pod share one network namespace, and with it the loopback interface.
var podLocalhost = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "pod.localhost",
		Quote:  "동일한 Pod에서는 Container1 -> Container2로 접근할 때 localhost:8080으로 접근 가능",
		Points: []claim.Point{{Says: "container 1 reaches container 2 at localhost:8080", Expect: claim.True}},
	},
	Body: func(s *scenario.S) {
		web, other := s.Ready("app=web"), s.Ready("app=other")

		s.Control("the probe finds a server on its own Pod's localhost").
			Expect(other.In("client").HTTP("http://localhost:8000/tmp/who")).Should(BeAnsweredWith("the other Pod"))
		s.Control("from another Pod, localhost:8080 is refused").
			Expect(other.In("client").HTTP("http://localhost:8080/tmp/who")).Should(BeRefused())

		s.Point("container 1 reaches container 2 at localhost:8080").
			Eventually(web.In("container1").HTTP("http://localhost:8080/tmp/who")).Should(BeAnsweredWith("container 2"))
	},
	Sabotage: scenario.Sabotage{
		Replace: "/agnhost test-webserver --port 8080", By: "/agnhost pause",
		Point: "container 1 reaches container 2 at localhost:8080",
	},
}
