package scenario

import (
	"fmt"
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/probe"
)

// Service is a Service of the claim's namespace: a look at its current state, and its addresses.
type Service struct {
	probe.Look
	// Was is the Service as it was when the body found it.
	Was corev1.Service
}

// Service returns the Service of this name, which must exist.
func (s *S) Service(name string) Service {
	s.t.Helper()
	service, err := s.cluster.Client.CoreV1().Services(s.stage.Namespace).Get(s.ctx, name, metav1.GetOptions{})
	if err != nil {
		s.abort("find the Service %s: %v", name, err)
	}
	s.relyOn(verdict.ServiceProxy)
	return Service{s.cluster.Service(name), *service}
}

// InstallLoadBalancer installs the load balancer plugin and lets the claims that need it start. A claim that needs
// claim.NoLoadBalancer calls it after its last look without the plugin.
func (s *S) InstallLoadBalancer() {
	s.t.Helper()
	if err := s.run.InstallLoadBalancer(s.ctx); err != nil {
		s.abort("%v", err)
	}
	s.run.AllowLoadBalancer()
	s.relyOn(verdict.Balancer)
}

// AddressOwner looks at what the IPAddress of this IP says that the address belongs to; the answer is a probe.AddressOwner.
func (s *S) AddressOwner(ip string) probe.Look { return s.cluster.AddressOwner(ip) }

// At returns the URL of a port of the Service at its ClusterIP.
func (v Service) At(port int32) string { return url(v.Was.Spec.ClusterIP, port) }

// URL returns the URL of the Service's first port at its ClusterIP.
func (v Service) URL() string { return v.At(v.Was.Spec.Ports[0].Port) }

// OnNode returns the URL of the Service's first node port on a node.
func (v Service) OnNode(node Node) string { return url(node.Address, v.Was.Spec.Ports[0].NodePort) }

// PodURL returns the URL of a port of a Pod at the Pod's IP.
func PodURL(pod corev1.Pod, port int32) string { return url(pod.Status.PodIP, port) }

func url(host string, port int32) string {
	return fmt.Sprintf("http://%s", net.JoinHostPort(host, strconv.Itoa(int(port))))
}
