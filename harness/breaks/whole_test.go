package breaks

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestMissing(t *testing.T) {
	now := time.Now()
	one, two := int32(1), int32(2)
	holder, nobody := "somebody", ""
	named := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name, Generation: 2} }
	renewed := func(ago time.Duration) *metav1.MicroTime { return &metav1.MicroTime{Time: now.Add(-ago)} }
	whole := func() parts {
		return parts{
			nodes: []corev1.Node{{
				ObjectMeta: named("worker"),
				Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
			}},
			daemonSets: []appsv1.DaemonSet{{ObjectMeta: named(kubeProxy), Status: appsv1.DaemonSetStatus{
				ObservedGeneration: 2, DesiredNumberScheduled: 3, UpdatedNumberScheduled: 3, NumberAvailable: 3,
			}}},
			deployments: []appsv1.Deployment{{ObjectMeta: named("coredns"), Spec: appsv1.DeploymentSpec{Replicas: &two},
				Status: appsv1.DeploymentStatus{ObservedGeneration: 2, Replicas: 2, AvailableReplicas: 2}}},
			pods: []corev1.Pod{{ObjectMeta: metav1.ObjectMeta{Name: "etcd-a", Labels: map[string]string{"tier": "control-plane"}},
				Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}}},
			leases: []coordinationv1.Lease{{ObjectMeta: named(scheduler),
				Spec: coordinationv1.LeaseSpec{HolderIdentity: &holder, RenewTime: renewed(time.Second)}}},
		}
	}
	for _, c := range []struct {
		name   string
		damage func(*parts)
		says   string // empty if nothing is missing
	}{
		{"nothing", func(*parts) {}, ""},
		{"no nodes", func(p *parts) { p.nodes = nil }, "there is no node"},
		{"a node's condition", func(p *parts) { p.nodes[0].Status.Conditions[0].Status = corev1.ConditionUnknown }, "node worker is not Ready"},
		{"a node's first report", func(p *parts) { p.nodes[0].Status.Conditions = nil }, "node worker is not Ready"},
		{"a taint of the system", func(p *parts) {
			p.nodes[0].Spec.Taints = []corev1.Taint{{Key: corev1.TaintNodeUnreachable}}
		}, "node worker has the taint node.kubernetes.io/unreachable"},
		{"the control plane's own taint is none", func(p *parts) {
			p.nodes[0].Spec.Taints = []corev1.Taint{{Key: "node-role.kubernetes.io/control-plane"}}
		}, ""},
		{"a daemon", func(p *parts) { p.daemonSets[0].Status.NumberAvailable = 2 }, "DaemonSet kube-proxy: 3 of 3 Pods are up to date, 2 are available"},
		{"an update of a daemon", func(p *parts) { p.daemonSets[0].Status.UpdatedNumberScheduled = 1 }, "1 of 3 Pods are up to date"},
		{"a daemon too many", func(p *parts) { p.daemonSets[0].Status.NumberMisscheduled = 1 }, "1 are on wrong nodes"},
		{"the observation of a daemon's change", func(p *parts) { p.daemonSets[0].Status.ObservedGeneration = 1 }, "DaemonSet kube-proxy"},
		{"a replica", func(p *parts) { p.deployments[0].Status.AvailableReplicas = 1 }, "Deployment coredns: 1 of 2 Pods are available"},
		{"a replica too many", func(p *parts) { p.deployments[0].Spec.Replicas = &one }, "Deployment coredns: 2 of 1 Pods"},
		{"the observation of a scaling", func(p *parts) { p.deployments[0].Status.ObservedGeneration = 1 }, "Deployment coredns"},
		{"a component", func(p *parts) { p.pods[0].Status.Conditions = nil }, "Pod etcd-a is not ready"},
		{"another Pod is judged by what it belongs to", func(p *parts) { p.pods[0].Status.Conditions, p.pods[0].Labels = nil, nil }, ""},
		{"a leader", func(p *parts) { p.leases[0].Spec.HolderIdentity = &nobody }, "kube-scheduler has no leader"},
		{"a leader that renews", func(p *parts) { p.leases[0].Spec.RenewTime = renewed(15 * time.Second) }, "kube-scheduler has no leader"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := whole()
			c.damage(&all)
			if c.says == "" {
				NewWithT(t).Expect(missing(all, now)).To(BeEmpty())
				return
			}
			NewWithT(t).Expect(missing(all, now)).To(ConsistOf(ContainSubstring(c.says)))
		})
	}
}

func TestBackedOff(t *testing.T) {
	waits := func(node, reason string) corev1.Pod {
		return corev1.Pod{Spec: corev1.PodSpec{NodeName: node}, Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{
			{}, {State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}},
		}}}
	}
	pods := []corev1.Pod{waits("b", "CrashLoopBackOff"), waits("c", "ContainerCreating"), waits("a", "CrashLoopBackOff"), waits("b", "CrashLoopBackOff"), {}}
	NewWithT(t).Expect(backedOff(pods)).To(Equal([]string{"a", "b"}))
	NewWithT(t).Expect(backedOff(nil)).To(BeEmpty())
}
