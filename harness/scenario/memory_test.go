package scenario

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestRequestedMemory(t *testing.T) {
	of := func(memory string) corev1.Container {
		return corev1.Container{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)}}}
	}
	for name, test := range map[string]struct {
		spec corev1.PodSpec
		want int64
	}{
		"nothing":      {corev1.PodSpec{Containers: []corev1.Container{{}}}, 0},
		"together":     {corev1.PodSpec{Containers: []corev1.Container{of("1"), of("2")}}, 3},
		"one before":   {corev1.PodSpec{Containers: []corev1.Container{of("1"), of("2")}, InitContainers: []corev1.Container{of("5"), of("4")}}, 5},
		"less before":  {corev1.PodSpec{Containers: []corev1.Container{of("1"), of("2")}, InitContainers: []corev1.Container{of("2")}}, 3},
		"and overhead": {corev1.PodSpec{Containers: []corev1.Container{of("1")}, Overhead: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("7")}}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(requestedMemory(corev1.Pod{Spec: test.spec})).To(Equal(test.want))
		})
	}
}
