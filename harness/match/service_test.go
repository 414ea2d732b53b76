package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
)

func TestServiceWays(t *testing.T) {
	ingress := corev1.ServiceStatus{LoadBalancer: corev1.LoadBalancerStatus{Ingress: []corev1.LoadBalancerIngress{{IP: "10.0.0.9"}}}}
	ports := []corev1.ServicePort{{Port: 80, NodePort: 30080}}
	inside := corev1.Service{Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.9", Ports: []corev1.ServicePort{{Port: 80}}}}
	headless := corev1.Service{Spec: corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone, Ports: []corev1.ServicePort{{Port: 80}}}}
	nodePort := corev1.Service{Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.9", Ports: ports, ExternalTrafficPolicy: corev1.ServiceExternalTrafficPolicyLocal}}
	balancer := corev1.Service{Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.9", Ports: ports}, Status: ingress}
	for name, test := range map[string]struct {
		matcher Described
		service corev1.Service
		want    bool
	}{
		"a ClusterIP":               {BeReachedAt(ClusterIP), inside, true},
		"more than a ClusterIP":     {BeReachedAt(ClusterIP, NodePort), inside, false},
		"a node port":               {BeReachedAt(ClusterIP, NodePort), nodePort, true},
		"a node port is no less":    {BeReachedAt(ClusterIP), nodePort, false},
		"an external IP":            {BeReachedAt(ClusterIP, NodePort, ExternalIP), balancer, true},
		"headless":                  {BeReachedAt(PodIPs), headless, true},
		"headless has no ClusterIP": {BeReachedAt(ClusterIP), headless, false},
		"has none yet":              {BeReachedAt(ClusterIP), corev1.Service{}, false},
		"Local":                     {HaveExternalTrafficPolicy(corev1.ServiceExternalTrafficPolicyLocal), nodePort, true},
		"not Local":                 {HaveExternalTrafficPolicy(corev1.ServiceExternalTrafficPolicyLocal), balancer, false},
	} {
		t.Run(name, func(t *testing.T) {
			matches, err := test.matcher.Match(test.service)
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(matches).To(Equal(test.want))
		})
	}
}
