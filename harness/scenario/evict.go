package scenario

import (
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Evict asks for the Pods' eviction, as kubectl drain does for the Pods of a node, and returns them as they were.
func (s *S) Evict(pods Pods) []corev1.Pod {
	s.t.Helper()
	old := s.List(pods)
	for _, pod := range old {
		eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
		if err := s.cluster.Client.PolicyV1().Evictions(pod.Namespace).Evict(s.ctx, eviction); err != nil {
			s.abort("evict Pod %s: %v", pod.Name, err)
		}
	}
	return old
}
