package probe

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func memory(quantity string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(quantity)}
}

func requesting(quantity string) corev1.Container {
	return corev1.Container{Name: "c" + quantity, Resources: corev1.ResourceRequirements{Requests: memory(quantity)}}
}

func TestRequestedMemory(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	sidecar := requesting("4")
	sidecar.RestartPolicy = &always
	for name, test := range map[string]struct {
		pod  corev1.Pod
		want int64
	}{
		"nothing":      {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{}}}}, 0},
		"together":     {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{requesting("1"), requesting("2")}}}, 3},
		"one before":   {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{requesting("1")}, InitContainers: []corev1.Container{requesting("5")}}}, 5},
		"a sidecar":    {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{requesting("1")}, InitContainers: []corev1.Container{sidecar}}}, 5},
		"and overhead": {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{requesting("1")}, Overhead: memory("7")}}, 8},
		"of the Pod": {corev1.Pod{Spec: corev1.PodSpec{
			Containers: []corev1.Container{requesting("1")}, Resources: &corev1.ResourceRequirements{Requests: memory("9")},
		}}, 9},
		"allocated": {corev1.Pod{
			Spec:   corev1.PodSpec{Containers: []corev1.Container{requesting("1")}},
			Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "c1", AllocatedResources: memory("6")}}},
		}, 6},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(requestedMemory(&test.pod)).To(Equal(test.want)) })
	}
}

func TestFreeMemory(t *testing.T) {
	node := &corev1.Node{Status: corev1.NodeStatus{Allocatable: memory("10")}}
	pod := func(phase corev1.PodPhase, requests string) corev1.Pod {
		return corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{requesting(requests)}}, Status: corev1.PodStatus{Phase: phase}}
	}
	pods := []corev1.Pod{pod(corev1.PodRunning, "1"), pod(corev1.PodPending, "2"), pod(corev1.PodSucceeded, "3"), pod(corev1.PodFailed, "4")}
	g := NewWithT(t)
	g.Expect(freeMemory(node, pods)).To(Equal(FreeMemory(7)))
	g.Expect(freeMemory(node, []corev1.Pod{pod(corev1.PodRunning, "12")})).To(Equal(FreeMemory(-2)))
}
