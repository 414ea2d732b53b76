package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	samePortEverywhere = claim.P("the same port answers on every node", claim.True).KO("모든 노드가 같은 포트에서 응답한다")
	onEveryAddress     = claim.P("it answers on every IPv4 address of a node, 127.0.0.1 among them", claim.True.
				Except(claim.ProxyMode, "nftables", "it answers on the primary addresses only").
				Except(claim.ProxyMode, "ipvs", "it does not answer on loopback addresses").
				Except(claim.IPFamily, "IPv6", "127.0.0.1 is an IPv4 address")).
				KO("127.0.0.1을 비롯한 노드의 모든 IPv4 주소에서 응답한다")
)

// Every node's kube-proxy accepts traffic on the port, wherever the Pods are (Kubernetes docs, "Service", type NodePort). On which of
// the node's addresses depends on kube-proxy's mode and its --nodeport-addresses ("Virtual IPs and Service Proxies").
var serviceNodePortEveryNode = suite.Scenario{
	ID: "service.node-port-every-node", Points: []*claim.Point{samePortEverywhere, onEveryAddress},
	Quote: "Cluster에 연결된 모든 Node에서 동일한 Port가 할당되서 어느 아이피의 Port로 연결하든 서비스에 연결이 된다.",
	Remark: claim.Remark{
		KO:   "노드 포트는 노드에 접근할 수 있는 모두에게 열린다. kube-proxy의 nftables 모드에서는 노드의 기본 IP에서만 응답한다. 운영 환경에서는 앞에 로드 밸런서나 Gateway를 둔다.",
		EN:   "A node port is open to everybody who reaches a node. In kube-proxy's nftables mode it answers at the node's primary IP only. In production put a load balancer or a Gateway in front.",
		Docs: "/docs/concepts/services-networking/service/#type-nodeport",
	},
	Needs: []claim.Need{claim.TwoWorkers, claim.OutsideMachine},
	Correction: claim.Text{
		KO: "모든 노드에서 같은 포트가 열린다. 노드의 어느 주소에서 열리는지는 kube-proxy의 모드에 따라 다르다. iptables 모드에서는 127.0.0.1을 비롯한 모든 IPv4 주소에서, nftables 모드에서는 노드의 기본 IP에서만 응답한다(`--nodeport-addresses`로 바꿀 수 있다).",
		EN: "The same port is open on every node. On which of a node's addresses depends on kube-proxy's mode: in iptables mode on all of its IPv4 addresses, 127.0.0.1 among them, in nftables mode on its primary one only (`--nodeport-addresses` changes it).",
	},
	Body: func(s *scenario.S) {
		only := s.List(s.Ready("app=web"))[0] // on worker-1 only
		nodes, web, outside := s.Nodes(), s.Service("web"), s.Outside()

		reaches := nodesReach(s, 20021, nodes, only)
		closed := s.Contrast("the port that the Service has at its ClusterIP is closed on the nodes")

		for _, node := range nodes {
			s.Point(samePortEverywhere, reaches, closed).Eventually(outside.HTTP(web.OnNode(node)+"/hostname")).
				Decides(BeAnsweredWith(only.Name), Lasting(BeUnreached()))
			closed.Eventually(outside.HTTP(node.Port(9000))).Should(BeUnreached())
		}
		host := s.Pods("app=host").On(nodes[0].Name).In("")
		listens := s.Witness("on the node, a server on all of its addresses is reached at each").
			Eventually(silent(host, 20021, "host")).Should(BeEmpty())
		refused := s.Contrast("the port of the ClusterIP is closed at 127.0.0.1").
			Eventually(host.HTTP(scenario.Node{Address: "127.0.0.1"}.Port(9000))).Should(BeUnreached())
		s.Point(onEveryAddress, listens, refused).Eventually(silent(host, web.Was.Spec.Ports[0].NodePort, only.Name)).
			Decides(BeEmpty(), Lasting(Not(BeEmpty())))
	},
	Sabotage: suite.Sabotage{Replace: "type: NodePort", By: "type: NodePort, externalTrafficPolicy: Local", Point: samePortEverywhere},
}

// silent looks, from the network of a node, for the IPv4 addresses of that node at which a port does not answer with this text.
func silent(host probe.Shell, port int32, text string) probe.Look {
	return probe.New(fmt.Sprintf("the node's IPv4 addresses at which port %d does not answer with %q", port, text), func(ctx context.Context) ([]string, error) {
		out, err := host.Run(ctx, "ip", "-4", "addr", "show")
		if err != nil {
			return nil, err
		}
		addresses, silent := 0, []string{}
		for line := range strings.Lines(out.Stdout) {
			_, rest, found := strings.Cut(line, "inet ") // 10.0.0.2/24 brd 10.0.0.255 …
			if !found {
				continue
			}
			address, _, _ := strings.Cut(strings.Fields(rest)[0], "/")
			addresses++
			answer, err := host.HTTP(scenario.Node{Address: address}.Port(port) + "/hostname").Ask(ctx)
			if err != nil {
				return nil, err
			}
			answered, err := BeAnsweredWith(text).Match(answer)
			if (err != nil || !answered) && !slices.Contains(silent, address) { // several interfaces may have the same
				silent = append(silent, address)
			}
		}
		if addresses == 0 {
			return nil, fmt.Errorf("the node has no IPv4 address: %s", out)
		}
		return silent, nil
	})
}
