package match

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// ComeFromEachOf matches Answers that are the names of all these Pods and nothing else.
func ComeFromEachOf(pods []corev1.Pod) Described {
	names := podNames(pods)
	return That("come from each of "+names+" and nobody else", func(answers probe.Answers) bool {
		known := 0
		for _, pod := range pods {
			if answers[pod.Name] > 0 {
				known++
			}
		}
		return known == len(pods) && known == len(answers)
	})
}

// ComeFrom matches Answers that are names of these Pods and nothing else. Not all Pods must have answered: a proxy may send
// one client to only one Pod.
func ComeFrom(pods []corev1.Pod) Described {
	return That("come from "+podNames(pods)+" and nobody else", func(answers probe.Answers) bool {
		for name := range answers {
			if !slices.ContainsFunc(pods, func(pod corev1.Pod) bool { return pod.Name == name }) {
				return false
			}
		}
		return len(answers) > 0
	})
}

// GoUnanswered matches Answers to requests none of which reached a target.
func GoUnanswered() Described {
	return That("go unanswered", func(answers probe.Answers) bool {
		return len(answers) == 1 && answers[probe.NobodyAnswered] > 0
	})
}

func podNames(pods []corev1.Pod) string {
	return join(pods, func(pod corev1.Pod) string { return pod.Name })
}

// ComeFromSomeOf matches Answers of which at least one is the name of one of these Pods.
func ComeFromSomeOf(pods []corev1.Pod) Described {
	names := podNames(pods)
	return That("come, at least one, from "+names, func(answers probe.Answers) bool {
		return slices.ContainsFunc(pods, func(pod corev1.Pod) bool { return answers[pod.Name] > 0 })
	})
}
