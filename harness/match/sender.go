package match

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// ComeFromSomeOf matches Answers of which at least one is the name of one of these Pods.
func ComeFromSomeOf(pods []corev1.Pod) Described {
	names := join(pods, func(pod corev1.Pod) string { return pod.Name })
	return that("come, at least one, from "+names, func(answers probe.Answers) bool {
		return slices.ContainsFunc(pods, func(pod corev1.Pod) bool { return answers[pod.Name] > 0 })
	})
}
