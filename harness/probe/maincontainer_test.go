package probe

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

func TestMainContainer(t *testing.T) {
	for name, test := range map[string]struct {
		annotation string
		containers []string
		want       string
	}{
		"the only one":             {"", []string{"web"}, "web"},
		"the annotated one":        {"web", []string{"proxy", "web"}, "web"},
		"the first":                {"", []string{"web", "proxy"}, "web"},
		"annotated one is missing": {"gone", []string{"web", "proxy"}, "web"},
		"none":                     {"web", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{}
			if test.annotation != "" {
				pod.Annotations = map[string]string{"kubectl.kubernetes.io/default-container": test.annotation}
			}
			for _, container := range test.containers {
				pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: container})
			}
			NewWithT(t).Expect(MainContainer(pod)).To(Equal(test.want))
		})
	}
}
