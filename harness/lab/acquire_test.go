package lab

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestTheNameOfACluster(t *testing.T) {
	g := NewWithT(t)
	g.Expect(clusterName("v1.37.2")).To(Equal("noteproof-v1-37-2"))
	g.Expect(clusterName("v1.38.0-alpha.1.12+0A_b")).To(Equal("noteproof-v1-38-0-alpha-1-12-0a-b"))
}

func TestClassifyNodes(t *testing.T) {
	now := time.Now()
	node := func(name string, age time.Duration, taints ...corev1.Taint) corev1.Node {
		return corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(now.Add(-age))},
			Spec:       corev1.NodeSpec{Taints: taints},
		}
	}
	notReady := corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule}
	controlPlane := corev1.Taint{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}
	cordoned := node("cordoned", time.Minute, notReady)
	cordoned.Spec.Unschedulable = true
	schedulable, joining := classifyNodes([]corev1.Node{
		node("control-plane", time.Minute, controlPlane, notReady),
		node("ready", time.Hour),
		node("not preferred", time.Minute, corev1.Taint{Key: "spare", Effect: corev1.TaintEffectPreferNoSchedule}),
		node("new", time.Minute, notReady),
		node("broken", time.Hour, notReady),
		cordoned,
	}, now)
	g := NewWithT(t)
	g.Expect(schedulable).To(HaveExactElements("ready", "not preferred"))
	g.Expect(joining).To(HaveExactElements("new"))
}
