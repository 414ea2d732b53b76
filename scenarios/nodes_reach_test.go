package scenarios

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// nodesReach is a witness for requests through the nodes' Service proxies: without the proxies, the machine outside reaches
// these nodes, and each of the nodes reaches these Pods, which serve agnhost's netexec on port 8080. The claim's manifest has a
// Pod app=host in the network of each node, which answers "host" on the given port.
func nodesReach(s *scenario.S, port int32, nodes []scenario.Node, pods ...corev1.Pod) scenario.Witness {
	hosts, outside := s.Ready("app=host"), s.Outside()
	names := make([]string, len(pods))
	for i, pod := range pods {
		names[i] = pod.Name
	}
	w := s.Witness("the machine outside reaches the nodes' own network, and the nodes reach Pod " + strings.Join(names, " and ") + " at its own IP")
	for _, node := range nodes {
		w = w.Eventually(outside.HTTP(node.Port(port))).Should(BeAnsweredWith("host"))
		for _, pod := range pods {
			w = w.Eventually(hosts.On(node.Name).In("").HTTP(scenario.PodURL(pod, 8080) + "/hostname")).Should(BeAnsweredWith(pod.Name))
		}
	}
	return w
}
