package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
)

// A ClusterIP is known to the nodes alone, a node port is open on the nodes' own addresses, an external IP is announced
// outside, and a headless Service is a name for its Pods' own IPs (Kubernetes docs, "Service").
var serviceTypesDiffer = scenario.Scenario{
	Claim: claim.Claim{
		ID:     "service.types-differ",
		Quote:  "Service 종류에 따라서 Pod에 접근하는 방식이 다르다.",
		Points: []claim.Point{{Says: "how Pods are reached depends on the Service type", Expect: claim.True}},
		Needs:  []claim.Need{claim.LoadBalancer, claim.OutsideMachine},
	},
	Body: func(s *scenario.S) {
		web, node := s.List(s.Ready("app=web"))[0], s.Nodes()[0]
		inPod, onNode, outside := s.Ready("app=pod").In(""), s.Ready("app=node").In(""), s.Outside()
		clusterIP, nodePort, external := s.Service("cluster-ip").URL(), s.Service("node-port").OnNode(node), s.Exposed("load-balancer").ExternalURL()
		name, podIP := "http://headless:8080", scenario.PodURL(web, 8080) // outside, the IP that the name stands for

		for _, shell := range []probe.Shell{inPod, onNode, outside} {
			s.Control("a Service without Pods is reached from nowhere").
				Expect(shell.HTTP(s.Service("empty").OnNode(node))).Should(Not(BeAnswered()))
		}

		const differs = "how Pods are reached depends on the Service type"
		table := probe.NewTable("Service type", "Pod", "node", "outside")
		cell := func(kind, from string, shell probe.Shell, url string, reached bool) {
			look := table.Cell(kind, from, shell.HTTP(url+"/hostname"))
			if reached {
				s.Point(differs).Eventually(look).Should(BeAnsweredWith(web.Name))
			} else {
				s.Point(differs).Consistently(look).Should(Not(BeAnswered()))
			}
		}
		for _, row := range []struct {
			kind, url, abroad  string
			pod, node, outside bool
		}{
			{"ClusterIP", clusterIP, clusterIP, true, true, false},
			{"NodePort", nodePort, nodePort, true, true, true},
			{"LoadBalancer", external, external, true, true, true},
			{"headless", name, podIP, true, true, false},
		} {
			cell(row.kind, "Pod", inPod, row.url, row.pod)
			cell(row.kind, "node", onNode, row.url, row.node)
			cell(row.kind, "outside", outside, row.abroad, row.outside)
		}
		s.Beside(differs).Expect(table).Should(BeComplete())
	},
	Sabotage: scenario.Sabotage{
		Replace: "{type: NodePort, selector: *web,",
		By:      "{type: NodePort, externalTrafficPolicy: Local, selector: *web,",
		Point:   "how Pods are reached depends on the Service type",
	},
}
