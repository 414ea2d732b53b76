package scenarios

import (
	"strings"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	typesDiffer = claim.P("how Pods are reached depends on the Service type", claim.True).KO("Service 종류에 따라 Pod에 접근하는 방식이 다르다")
	aliasOnly   = claim.P("a Service of type ExternalName has no address, and is another name for what is elsewhere", claim.True).
			KO("ExternalName Service는 주소 없이 다른 곳의 DNS 이름만 가리킨다")
)

// A ClusterIP works only inside the cluster, a node port is open on the nodes' addresses, an external IP is announced outside
// the cluster, and a headless Service is a name for the IPs of its Pods. One of type ExternalName is an alias (CNAME) for any name
// (Kubernetes docs, "Service").
var serviceTypesDiffer = suite.Scenario{
	ID: "service.types-differ", Points: []*claim.Point{typesDiffer, aliasOnly}, Needs: []claim.Need{claim.LoadBalancer, claim.OutsideMachine},
	Quote: "Service 종류에 따라서 Pod에 접근하는 방식이 다르다.",
	Remark: claim.Remark{
		KO:   "종류마다 주소가 다르다. ClusterIP는 가상 IP와 Service 포트, NodePort는 노드의 IP와 30000번대 포트, LoadBalancer는 자기 IP와 Service 포트로 접근한다. 헤드리스 Service의 이름은 Pod들의 IP로, ExternalName은 다른 이름으로 풀린다.",
		EN:   "They differ in the address: a virtual IP with the Service's port (ClusterIP), the nodes' IPs with a port from 30000 on (NodePort), an IP of its own with the Service's port (LoadBalancer). The name of a headless Service resolves to the Pods' IPs, an ExternalName to another name.",
		Docs: "/docs/concepts/services-networking/service/",
	},
	Body: func(s *scenario.S) {
		web, host := s.List(s.Ready("app=web"))[0], s.Ready("app=node")
		node, inPod, onNode, outside := s.NodeOf(s.List(host)[0]), s.Ready("app=pod").In(""), host.In(""), s.Outside()
		inside, open, external, headless := s.Service("cluster-ip"), s.Service("node-port"), s.ExposedOutside("load-balancer"), s.Service("headless")
		podURL := scenario.PodURL(web, 8080)

		sees := s.Witness("the Pod and the node reach the server at its Pod's IP, and the machine outside reaches the node's own network").
			Eventually(inPod.HTTP(podURL + "/hostname")).Should(BeAnsweredWith(web.Name)).
			Eventually(onNode.HTTP(podURL + "/hostname")).Should(BeAnsweredWith(web.Name)).
			Eventually(outside.HTTP(node.Port(20018))).Should(BeAnsweredWith("host"))
		nobody := s.Contrast("a Service without Pods is reached from nowhere")
		for _, shell := range []probe.Shell{inPod, onNode, outside} {
			nobody.Eventually(shell.HTTP(s.Service("empty").OnNode(node))).Should(BeUnreached())
		}
		routed := s.Contrast("with a route by way of a node the machine outside reaches the Pod's IP and the ClusterIP, too")
		reachBy := func(ip, url string, by scenario.Node) {
			remove := s.RouteOutside(ip, by)
			routed.Eventually(outside.HTTP(url + "/hostname")).Should(BeAnsweredWith(web.Name))
			remove()
		}
		reachBy(web.Status.PodIP, podURL, s.NodeOf(web))
		reachBy(inside.Was.Spec.ClusterIP, inside.URL(), node)

		table := probe.NewTable("Service type", "Pod", "node", "outside")
		row := func(kind string, service scenario.Service, at Described, url string, fromOutside bool) {
			s.Point(typesDiffer, sees, nobody, routed).Expect(service).Decides(ConsistOf(at), ConsistOf(Not(at)))
			look := func(from string, shell probe.Shell) probe.Look {
				return table.Cell(kind, from, shell.HTTP(url+"/hostname"))
			}
			yes, no := BeAnsweredWith(web.Name), BeUnreached()
			s.Point(typesDiffer, sees, nobody).Eventually(look("Pod", inPod)).Decides(yes, Lasting(no))
			s.Point(typesDiffer, sees, nobody).Eventually(look("node", onNode)).Decides(yes, Lasting(no))
			if fromOutside {
				s.Point(typesDiffer, sees, nobody).Eventually(look("outside", outside)).Decides(yes, Lasting(no))
			} else {
				s.Point(typesDiffer, sees, routed).Consistently(look("outside", outside)).Decides(Lasting(no), yes)
			}
		}
		row("ClusterIP", inside, BeReachedAt(ClusterIP), inside.URL(), false)
		row("NodePort", open, BeReachedAt(ClusterIP, NodePort), open.OnNode(node), true)
		row("LoadBalancer", external, HaveExternalIP(), external.ExternalURL(), true)
		row("headless", headless, BeReachedAt(PodIPs), podURL, false)
		byName := inPod.HTTP("http://headless:8080/hostname") // the name stands for the Pod's IP
		s.Point(typesDiffer, sees, nobody).Eventually(byName).Decides(BeAnsweredWith(web.Name), Lasting(BeUnreached()))
		s.Supporting(typesDiffer).Expect(table).Should(BeComplete())

		// The Pod's own search list has the namespace's part of the cluster's domain (resolv.conf(5)).
		_, search, _ := strings.Cut(s.Run(inPod, "cat", "/etc/resolv.conf"), "search ")
		s.TryPatch("service/external-name", "spec: {externalName: headless."+strings.Fields(search + " .")[0]+"}")
		alias := s.Point(aliasOnly, sees, nobody)
		alias.Expect(s.Service("external-name")).Decides(ConsistOf(BeReachedAt()), ConsistOf(Not(BeReachedAt())))
		alias.Eventually(inPod.HTTP("http://external-name:8080/hostname")).Decides(BeAnsweredWith(web.Name), Lasting(BeUnreached()))
	},
	Sabotage: suite.Sabotage{
		Replace: "NodePort, selector: *web,", By: "NodePort, externalTrafficPolicy: Local, selector: *web,", Point: typesDiffer,
	},
	Also: []suite.Sabotage{{Replace: "type: ExternalName, externalName", By: "type: ClusterIP, ports: *ports, externalName", Point: aliasOnly}},
}
