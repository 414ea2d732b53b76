package probe

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// defaultContainer is the annotation that names the container that kubectl uses if none is given.
const defaultContainer = "kubectl.kubernetes.io/default-container"

// MainContainer returns the name of a Pod's main container, also if a sidecar was injected: the container that the annotation
// kubectl.kubernetes.io/default-container names, otherwise the first one; empty if there is none.
func MainContainer(pod *corev1.Pod) string {
	named := pod.Annotations[defaultContainer]
	switch containers := pod.Spec.Containers; {
	case slices.ContainsFunc(containers, func(c corev1.Container) bool { return c.Name == named }):
		return named
	case len(containers) > 0:
		return containers[0].Name
	default:
		return ""
	}
}
