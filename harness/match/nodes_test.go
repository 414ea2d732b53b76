package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/noteproof/noteproof/harness/match"
)

func TestMatchersOnNodes(t *testing.T) {
	now := metav1.Now()
	on := func(node string, status corev1.PodStatus) corev1.Pod {
		return corev1.Pod{Spec: corev1.PodSpec{NodeName: node}, Status: status}
	}
	for name, test := range map[string]struct {
		pod          corev1.Pod
		taken, other bool
	}{
		"nowhere":            {on("", corev1.PodStatus{}), false, false},
		"bound":              {on("alpha", corev1.PodStatus{}), false, false},
		"taken":              {on("alpha", corev1.PodStatus{StartTime: &now}), true, false},
		"refused":            {on("alpha", corev1.PodStatus{StartTime: &now, Phase: corev1.PodFailed, Reason: "OutOfpods"}), false, false},
		"taken by another":   {on("beta", corev1.PodStatus{StartTime: &now}), false, true},
		"bound to another":   {on("beta", corev1.PodStatus{}), false, true},
		"refused by another": {on("beta", corev1.PodStatus{Reason: "OutOfpods"}), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			taken, err := BeTakenBy("alpha").Match(test.pod)
			g.Expect(err).NotTo(HaveOccurred())
			other, err := BeOnNodeOtherThan("alpha").Match(test.pod)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect([]bool{taken, other}).To(Equal([]bool{test.taken, test.other}))
		})
	}
}
