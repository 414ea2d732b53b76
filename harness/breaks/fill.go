package breaks

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	helpers "k8s.io/component-helpers/resource"
)

// filler returns a Pod that requests all free memory of a node.
func (c *change) filler(ctx context.Context, name, image string) (*corev1.Pod, error) {
	node, err := c.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	pods, err := c.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + name})
	if err != nil {
		return nil, err
	}
	free := freeMemory(*node, pods.Items)
	if free.Sign() <= 0 {
		return nil, fmt.Errorf("node %s has no free memory: %s", name, free.String())
	}
	gracePeriod := int64(0)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "filler"},
		Spec: corev1.PodSpec{
			NodeName: name, TerminationGracePeriodSeconds: &gracePeriod,
			Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
			Containers: []corev1.Container{{
				Name: "filler", Image: image, ImagePullPolicy: corev1.PullNever,
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceMemory: free}},
			}},
		},
	}, nil
}

// freeMemory returns the memory of a node that its Pods have not requested. It ignores Pods that are being deleted, because
// their memory will be free a moment later.
func freeMemory(node corev1.Node, pods []corev1.Pod) resource.Quantity {
	free := node.Status.Allocatable.Memory().DeepCopy()
	for _, pod := range pods {
		if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue
		}
		requests := helpers.PodRequests(&pod, helpers.PodResourcesOptions{})
		free.Sub(*requests.Memory())
	}
	return free
}

// pauseImage returns the name of the image of Pod sandboxes, which every node has.
func (c *change) pauseImage(ctx context.Context, node string) (string, error) {
	images, err := c.images(ctx, node)
	if err != nil {
		return "", err
	}
	for _, image := range images {
		if strings.Contains(image, "/pause:") {
			return image, nil
		}
	}
	return "", fmt.Errorf("node %s has no image of Pod sandboxes among %s", node, strings.Join(images, ", "))
}
