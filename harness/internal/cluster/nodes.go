package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// StopNode stops a worker at once, as a machine that loses its power. The caller starts it again with StartNode.
func (c *Cluster) StopNode(ctx context.Context, name string) error {
	there, err := c.nodeContainers(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(there, func(one container) bool { return one.Name == name && one.Role == roleWorker }) {
		return fmt.Errorf("stop the node %s: the cluster %s has no such worker", name, c.spec.Name)
	}
	if _, err := c.eng.Run(ctx, "stop", "-t", "0", name); err != nil {
		return fmt.Errorf("stop the node %s: %w", name, err)
	}
	return nil
}

// StartNode starts a node that was stopped, or that runs all the same, and returns when the cluster is whole again: the
// node's own Pods have been restarted, and nothing is missing of what made the cluster ready at first.
func (c *Cluster) StartNode(ctx context.Context, name string) error {
	began := time.Now()
	if _, err := c.eng.Run(ctx, "stop", "-t", "0", name); err != nil { // so that what runs on it runs since now
		return fmt.Errorf("start the node %s: %w", name, err)
	}
	if _, err := c.eng.Run(ctx, "start", name); err != nil {
		return fmt.Errorf("start the node %s: %w", name, err)
	}
	if err := c.awaitStartedAnew(ctx, name, began); err != nil {
		return err
	}
	return c.awaitReady(ctx, readyWithin)
}

// awaitStartedAnew waits for the system Pods of a node. What the server reports a node and its Pods is old until the
// kubelet has reported again.
func (c *Cluster) awaitStartedAnew(ctx context.Context, name string, since time.Time) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	left := "nothing was looked at"
	err = wait.PollUntilContextTimeout(ctx, lookEvery, readyWithin, true, func(ctx context.Context) (bool, error) {
		pods, err := client.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + name})
		if err != nil {
			left = err.Error()
			return false, nil
		}
		left = notStartedAnew(pods.Items, since)
		return left == "", nil
	})
	if err != nil {
		return fmt.Errorf("the node %s was started again, but its Pods were not: %s: %w", name, left, err)
	}
	return nil
}

// notStartedAnew names the first Pod with a container that does not run since then; empty when all do. It is pure. The
// server reports times by the second.
func notStartedAnew(pods []corev1.Pod, since time.Time) string {
	since = since.Truncate(time.Second)
	if len(pods) == 0 {
		return "it has none"
	}
	for _, pod := range pods {
		if len(pod.Status.ContainerStatuses) == 0 {
			return pod.Name + " was not started"
		}
		for _, c := range pod.Status.ContainerStatuses {
			if c.State.Running == nil || c.State.Running.StartedAt.Time.Before(since) {
				return pod.Name + " has not restarted"
			}
		}
	}
	return ""
}
