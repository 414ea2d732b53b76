package breaks

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestFreeMemory(t *testing.T) {
	memory := func(amount string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(amount)}
	}
	asks := func(amount string) corev1.Container {
		return corev1.Container{Resources: corev1.ResourceRequirements{Requests: memory(amount)}}
	}
	node := corev1.Node{Status: corev1.NodeStatus{Allocatable: memory("1Gi"), Capacity: memory("2Gi")}}
	for _, c := range []struct {
		name   string
		pods   []corev1.Pod
		wanted string
	}{
		{"no Pods", nil, "1Gi"},
		{"requests of all containers", []corev1.Pod{{Spec: corev1.PodSpec{Containers: []corev1.Container{asks("256Mi"), asks("256Mi")}}}}, "512Mi"},
		{"no request", []corev1.Pod{{Spec: corev1.PodSpec{Containers: []corev1.Container{{}}}}}, "1Gi"},
		{"the largest init container alone", []corev1.Pod{{Spec: corev1.PodSpec{
			Containers: []corev1.Container{asks("128Mi")}, InitContainers: []corev1.Container{asks("512Mi"), asks("64Mi")},
		}}}, "512Mi"},
		{"a Pod that is being deleted holds nothing", []corev1.Pod{{
			ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{}}, Spec: corev1.PodSpec{Containers: []corev1.Container{asks("256Mi")}},
		}}, "1Gi"},
		{"Pods that have ended hold nothing", []corev1.Pod{
			{Spec: corev1.PodSpec{Containers: []corev1.Container{asks("256Mi")}}, Status: corev1.PodStatus{Phase: corev1.PodFailed}},
			{Spec: corev1.PodSpec{Containers: []corev1.Container{asks("256Mi")}}, Status: corev1.PodStatus{Phase: corev1.PodSucceeded}},
		}, "1Gi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			free := freeMemory(node, c.pods)
			NewWithT(t).Expect(free.String()).To(Equal(c.wanted))
			NewWithT(t).Expect(node.Status.Allocatable.Memory().String()).To(Equal("1Gi"), "the node is not changed")
		})
	}
}
