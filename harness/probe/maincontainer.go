package probe

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// defaultContainer is the annotation by which a Pod names the container that kubectl takes when none is given.
const defaultContainer = "kubectl.kubernetes.io/default-container"

// MainContainer is the name of the container that a Pod is about, wherever an injected sidecar stands: the one that the
// Pod's annotation kubectl.kubernetes.io/default-container names, else its only or first one; empty without any.
func MainContainer(pod *corev1.Pod) string {
	named := pod.Annotations[defaultContainer]
	switch has := pod.Spec.Containers; {
	case slices.ContainsFunc(has, func(c corev1.Container) bool { return c.Name == named }):
		return named
	case len(has) > 0:
		return has[0].Name
	default:
		return ""
	}
}
