package scenario

import corev1 "k8s.io/api/core/v1"

// NodeOf is the node that a Pod is on.
func (s *S) NodeOf(pod corev1.Pod) Node {
	s.t.Helper()
	for _, node := range s.Nodes() {
		if node.Name == pod.Spec.NodeName {
			return node
		}
	}
	s.abort("Pod %s is on no node that runs Linux: %q", pod.Name, pod.Spec.NodeName)
	return Node{}
}
