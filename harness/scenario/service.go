package scenario

import (
	"fmt"
	"net"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// Service is a Service of the claim's namespace: a look at what becomes of it, and its addresses.
type Service struct {
	probe.Look
	// Was is the Service as the body found it.
	Was corev1.Service
}

// Service finds the Service of this name, which must be there.
func (s *S) Service(name string) Service {
	s.t.Helper()
	service, err := s.cluster.Client.CoreV1().Services(s.stage.Namespace).Get(s.ctx, name, metav1.GetOptions{})
	if err != nil {
		s.abort("find the Service %s: %v", name, err)
	}
	return Service{s.cluster.Service(name), *service}
}

// At is a port of the Service at its ClusterIP.
func (v Service) At(port int32) string { return url(v.Was.Spec.ClusterIP, port) }

// URL is the Service's first port at its ClusterIP.
func (v Service) URL() string { return v.At(v.Was.Spec.Ports[0].Port) }

// OnNode is the Service's first node port on a node.
func (v Service) OnNode(node Node) string { return url(node.Address, v.Was.Spec.Ports[0].NodePort) }

// Node is a node of the cluster.
type Node struct {
	Name    string
	Address string // on the nodes' network
}

// Port is a port of the node itself.
func (n Node) Port(port int32) string { return url(n.Address, port) }

// Nodes are all nodes of the cluster, those included that take no Pods.
func (s *S) Nodes() []Node {
	s.t.Helper()
	list, err := s.cluster.Client.CoreV1().Nodes().List(s.ctx, metav1.ListOptions{})
	if err != nil {
		s.abort("list the nodes: %v", err)
	}
	var nodes []Node
	for _, node := range list.Items {
		for _, address := range node.Status.Addresses {
			if address.Type == corev1.NodeInternalIP {
				nodes = append(nodes, Node{node.Name, address.Address})
				break
			}
		}
	}
	if len(nodes) != len(list.Items) {
		s.abort("not every node has an internal address: of %d nodes %d have", len(list.Items), len(nodes))
	}
	return nodes
}

// Of are those of the Pods that are on the node.
func (n Node) Of(pods []corev1.Pod) []corev1.Pod {
	elsewhere := func(pod corev1.Pod) bool { return pod.Spec.NodeName != n.Name }
	return slices.DeleteFunc(slices.Clone(pods), elsewhere)
}

// PodURL is a port of a Pod at the Pod's own address.
func PodURL(pod corev1.Pod, port int32) string { return url(pod.Status.PodIP, port) }

func url(host string, port int32) string {
	return fmt.Sprintf("http://%s", net.JoinHostPort(host, strconv.Itoa(int(port))))
}
