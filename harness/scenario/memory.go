package scenario

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TakeMemory requests so much memory on every node that takes Pods, except one, that only this much of it is left there
// for requests, and returns the Pods that hold it. Memory that is requested is not used.
func (s *S) TakeMemory(except, leave string) Pods {
	s.t.Helper()
	left := resource.MustParse(leave)
	for _, node := range s.run.Props.Workers {
		if node != except {
			s.holdMemory(node, max(0, s.freeMemory(node)-left.Value()))
		}
	}
	return s.Ready("app=memory-holder")
}

// freeMemory is what the scheduler may still give away on a node, in bytes.
func (s *S) freeMemory(name string) int64 {
	s.t.Helper()
	node, err := s.cluster.Client.CoreV1().Nodes().Get(s.ctx, name, metav1.GetOptions{})
	if err != nil {
		s.abort("get node %s: %v", name, err)
	}
	free := node.Status.Allocatable.Memory().Value()
	pods, err := s.cluster.Client.CoreV1().Pods(metav1.NamespaceAll).List(s.ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + name})
	if err != nil {
		s.abort("list the Pods of node %s: %v", name, err)
	}
	for _, pod := range pods.Items {
		if pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed {
			free -= requestedMemory(pod)
		}
	}
	return free
}

// requestedMemory is what the containers of a Pod request together, in bytes, or what one that runs before them does if
// that is more (Kubernetes docs, "Init Containers", "Resource sharing within containers").
func requestedMemory(pod corev1.Pod) int64 {
	together := pod.Spec.Overhead.Memory().Value()
	for _, c := range pod.Spec.Containers {
		together += c.Resources.Requests.Memory().Value()
	}
	for _, c := range pod.Spec.InitContainers {
		together = max(together, c.Resources.Requests.Memory().Value())
	}
	return together
}

func (s *S) holdMemory(node string, bytes int64) {
	s.t.Helper()
	moment := int64(1)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "memory-holder-", Labels: map[string]string{"app": "memory-holder"}},
		Spec: corev1.PodSpec{
			NodeName: node, TerminationGracePeriodSeconds: &moment,
			Containers: []corev1.Container{{
				Name: "holder", Image: s.run.Props.Image, Args: []string{"pause"},
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceMemory: *resource.NewQuantity(bytes, resource.BinarySI)}},
			}},
		},
	}
	if _, err := s.cluster.Client.CoreV1().Pods(s.stage.Namespace).Create(s.ctx, pod, metav1.CreateOptions{}); err != nil {
		s.abort("hold memory on node %s: %v", node, err)
	}
}
