package breaks

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// WithoutDNS scales CoreDNS to no Pod.
func WithoutDNS() Disturbance {
	return disturbance("no-dns", "scales CoreDNS to no Pod", func(ctx context.Context, c *change) error {
		deployments := c.client.AppsV1().Deployments(metav1.NamespaceSystem)
		before, err := deployments.Get(ctx, "coredns", metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("get the Deployment coredns: %w", err)
		}
		replicas := int32(1)
		if before.Spec.Replicas != nil {
			replicas = *before.Spec.Replicas
		}
		selector := metav1.FormatLabelSelector(before.Spec.Selector)
		c.onUndo(func(ctx context.Context) error { return c.scaleDNS(ctx, selector, replicas) })
		return c.scaleDNS(ctx, selector, 0)
	})
}

// scaleDNS scales CoreDNS and waits until it has exactly this number of Pods, all of them ready.
func (c *change) scaleDNS(ctx context.Context, selector string, replicas int32) error {
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	_, err := c.client.AppsV1().Deployments(metav1.NamespaceSystem).Patch(ctx, "coredns", types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		return fmt.Errorf("scale CoreDNS to %d: %w", replicas, err)
	}
	return await(ctx, fmt.Sprintf("CoreDNS has %d Pods", replicas), rolloutWithin, func(ctx context.Context) (string, error) {
		pods, err := c.client.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return "", err
		}
		return podsProblem(pods.Items, int(replicas)), nil
	})
}

// podsProblem returns a problem unless there are exactly as many Pods as wanted, all of them ready.
func podsProblem(pods []corev1.Pod, wanted int) string {
	ready := 0
	for _, pod := range pods {
		if podReady(pod) {
			ready++
		}
	}
	if len(pods) != wanted || ready != wanted {
		return fmt.Sprintf("there are %d, %d of them ready", len(pods), ready)
	}
	return ""
}
