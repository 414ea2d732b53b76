package probe

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// defaultContainer is the annotation that names the container that kubectl uses if none is given.
const defaultContainer = "kubectl.kubernetes.io/default-container"

// ManifestContainers is the annotation of a Pod with the names of the containers that its manifest has, with commas between, the main one
// first. A sidecar that was injected is none of them. A Pod on a cluster that noteproof created has no such annotation.
const ManifestContainers = "noteproof.dev/containers"

// OfManifest returns whether a container of a Pod is one of its manifest's.
func OfManifest(pod *corev1.Pod, container string) bool {
	names, named := pod.Annotations[ManifestContainers]
	return !named || slices.Contains(strings.Split(names, ","), container)
}

// MainContainer returns the name of a Pod's main container, also if a sidecar was injected: the container that the annotation
// kubectl.kubernetes.io/default-container names, otherwise the first one of its manifest, or of all; empty if there is none.
func MainContainer(pod *corev1.Pod) string {
	named := pod.Annotations[defaultContainer]
	containers := slices.DeleteFunc(slices.Clone(pod.Spec.Containers), func(c corev1.Container) bool { return !OfManifest(pod, c.Name) })
	switch {
	case slices.ContainsFunc(containers, func(c corev1.Container) bool { return c.Name == named }):
		return named
	case len(containers) > 0:
		return containers[0].Name
	default:
		return ""
	}
}
