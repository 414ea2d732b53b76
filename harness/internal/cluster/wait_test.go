package cluster

import (
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func node(name string, ready corev1.ConditionStatus, taints ...string) corev1.Node {
	n := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready, Reason: "KubeletNotReady", Message: "cni plugin not initialized"}}
	for _, key := range taints {
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: key})
	}
	return n
}

func daemonSet(name string, desired, ready int32) appsv1.DaemonSet {
	return appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: desired, NumberReady: ready}}
}

// complete is the snapshot of a cluster of three nodes that lacks nothing.
func complete() snapshot {
	two := int32(2)
	return snapshot{
		nodes: []corev1.Node{
			node("a", corev1.ConditionTrue, "node-role.kubernetes.io/control-plane"), node("b", corev1.ConditionTrue), node("c", corev1.ConditionTrue),
		},
		daemonSets: []appsv1.DaemonSet{daemonSet("kindnet", 3, 3), daemonSet("kube-proxy", 3, 3)},
		deployments: []appsv1.Deployment{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "coredns"},
			Spec:       appsv1.DeploymentSpec{Replicas: &two}, Status: appsv1.DeploymentStatus{AvailableReplicas: 2},
		}},
		classes: []storagev1.StorageClass{{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}}}},
		dns:     []discoveryv1.EndpointSlice{{Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.244.0.2"}}}}},
		account: true,
	}
}

func TestMissing(t *testing.T) {
	no := false
	for name, c := range map[string]struct {
		spoil func(*snapshot)
		want  []string
	}{
		"nothing": {func(*snapshot) {}, nil},
		"a node":  {func(s *snapshot) { s.nodes = s.nodes[:2] }, []string{"2 of 3 nodes have joined"}},
		"a node that is not Ready": {
			func(s *snapshot) { s.nodes[1] = node("b", corev1.ConditionFalse) },
			[]string{"node b is not Ready (KubeletNotReady: cni plugin not initialized)"},
		},
		"a node that is Ready and tainted": {
			func(s *snapshot) { s.nodes[1] = node("b", corev1.ConditionTrue, "node.kubernetes.io/not-ready") },
			[]string{"node b is not Ready (it has the taint node.kubernetes.io/not-ready)"},
		},
		"a node that has not reported": {
			func(s *snapshot) { s.nodes[1].Status.Conditions = nil }, []string{"node b is not Ready (it has not reported yet)"},
		},
		"kube-proxy on a node that its DaemonSet does not count yet": {
			func(s *snapshot) { s.daemonSets[1] = daemonSet("kube-proxy", 2, 2) }, []string{"DaemonSet kube-proxy is ready on 2 of 3 nodes"},
		},
		"the CNI on one node": {
			func(s *snapshot) { s.daemonSets[0] = daemonSet("kindnet", 3, 2) }, []string{"DaemonSet kindnet is ready on 2 of 3 nodes"},
		},
		"any CNI":    {func(s *snapshot) { s.daemonSets = s.daemonSets[1:] }, []string{"there is no DaemonSet of a CNI"}},
		"kube-proxy": {func(s *snapshot) { s.daemonSets = s.daemonSets[:1] }, []string{"there is no DaemonSet kube-proxy"}},
		"one of two CoreDNS": {
			func(s *snapshot) { s.deployments[0].Status.AvailableReplicas = 1 },
			[]string{"Deployment kube-system/coredns has 1 of 2 Pods available"},
		},
		"CoreDNS":             {func(s *snapshot) { s.deployments = nil }, []string{"there is no Deployment coredns"}},
		"an endpoint for DNS": {func(s *snapshot) { s.dns[0].Endpoints[0].Conditions.Ready = &no }, []string{"the Service kube-dns has no endpoint"}},
		"a default class":     {func(s *snapshot) { s.classes[0].Annotations = nil }, []string{"there is no default StorageClass"}},
		"the service account": {func(s *snapshot) { s.account = false }, []string{"the namespace default has no service account default"}},
		"two things":          {func(s *snapshot) { s.account, s.dns = false, nil }, []string{"the Service kube-dns has no endpoint", "the namespace default has no service account default"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := complete()
			c.spoil(&s)
			NewWithT(t).Expect(missing(s, wanted{nodes: 3, proxy: true, network: true})).To(Equal(c.want))
		})
	}
}
