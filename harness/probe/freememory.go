package probe

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	helpers "k8s.io/component-helpers/resource"
)

// FreeMemory is the memory of a node that no Pod has requested, in bytes. It is negative if Pods request more than there is.
type FreeMemory int64

func (f FreeMemory) String() string {
	return resource.NewQuantity(int64(f), resource.BinarySI).String() + " of memory free for requests"
}

// FreeMemory looks at how much memory of a node is free for requests, as if the excepted Pods did not exist; the answer is a
// FreeMemory. It needs permission to list the Pods of all namespaces.
func (c Cluster) FreeMemory(node string, except ...Pods) Look {
	return look{"requests on node " + node, func(ctx context.Context) (any, error) {
		found, err := c.Client.CoreV1().Nodes().Get(ctx, node, metav1.GetOptions{})
		if err != nil {
			return nil, fmt.Errorf("get node %s: %w", node, err)
		}
		pods, err := c.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + node})
		if err != nil {
			return nil, fmt.Errorf("list the Pods of node %s: %w", node, err)
		}
		ignored := map[types.UID]bool{}
		for _, excepted := range except {
			list, err := excepted.List(ctx)
			if err != nil {
				return nil, err
			}
			for _, pod := range list {
				ignored[pod.UID] = true
			}
		}
		counted := slices.DeleteFunc(pods.Items, func(pod corev1.Pod) bool { return ignored[pod.UID] })
		return freeMemory(found, counted), nil
	}}
}

// freeMemory returns a node's allocatable memory minus the requests of its Pods, except those of Pods that have ended.
func freeMemory(node *corev1.Node, pods []corev1.Pod) FreeMemory {
	free := node.Status.Allocatable.Memory().Value()
	for i := range pods {
		if phase := pods[i].Status.Phase; phase != corev1.PodSucceeded && phase != corev1.PodFailed {
			free -= requestedMemory(&pods[i])
		}
	}
	return FreeMemory(free)
}

// requestedMemory returns what the scheduler counts for a Pod, in bytes. It includes sidecars, requests of the Pod as a whole,
// and what a kubelet has allocated to a container that is being resized.
func requestedMemory(pod *corev1.Pod) int64 {
	requests := helpers.PodRequests(pod, helpers.PodResourcesOptions{UseStatusResources: true, InPlacePodLevelResourcesVerticalScalingEnabled: true})
	return requests.Memory().Value()
}
