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

// StopNode stops a worker at once, like a machine that loses power. The caller must start it again with StartNode. It returns an
// error, and stops nothing, if it cannot find out what the cluster is like before.
func (c *Cluster) StopNode(ctx context.Context, name string) error {
	nodes, err := c.nodeContainers(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(nodes, func(n container) bool { return n.Name == name && n.Role == roleWorker }) {
		return fmt.Errorf("stop the node %s: the cluster %s has no such worker", name, c.spec.Name)
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	before, err := observe(ctx, client)
	if err != nil {
		return fmt.Errorf("find out what the cluster is like before the node %s is stopped: %w", name, err)
	}
	c.stopped.Store(name, missing(before, c.wanted()))
	if _, err := c.eng.Run(ctx, "stop", "-t", "0", name); err != nil {
		return fmt.Errorf("stop the node %s: %w", name, err)
	}
	return nil
}

// StartNode starts a node, stopped or running, and waits until its system Pods have restarted and the cluster is ready. If
// StopNode stopped the node, the cluster may lack what it lacked then: somebody else's need not be like one of kind's.
func (c *Cluster) StartNode(ctx context.Context, name string) error {
	began := time.Now()
	// A node that runs is stopped first, so that all its containers start after began.
	if _, err := c.eng.Run(ctx, "stop", "-t", "0", name); err != nil {
		return fmt.Errorf("start the node %s: %w", name, err)
	}
	if _, err := c.eng.Run(ctx, "start", name); err != nil {
		return fmt.Errorf("start the node %s: %w", name, err)
	}
	if err := c.awaitNodePodsRestarted(ctx, name, began); err != nil {
		return err
	}
	lacked, _ := c.stopped.LoadAndDelete(name)
	tolerated, _ := lacked.([]string)
	return c.awaitReady(ctx, readyTimeout, tolerated...)
}

// awaitNodePodsRestarted waits until the system Pods of a node have restarted. Until the kubelet has reported again, the
// server's status of the node and its Pods is outdated.
func (c *Cluster) awaitNodePodsRestarted(ctx context.Context, name string, since time.Time) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	left := "its Pods were not listed"
	err = wait.PollUntilContextTimeout(ctx, pollInterval, readyTimeout, true, func(ctx context.Context) (bool, error) {
		pods, err := client.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + name})
		if err != nil {
			left = err.Error()
			return false, nil
		}
		left = notRestarted(pods.Items, since)
		return left == "", nil
	})
	if err != nil {
		return fmt.Errorf("the node %s was started, but its Pods have not all restarted: %s: %w", name, left, err)
	}
	return nil
}

// notRestarted names the first Pod with a container that has not started since then; empty if all have. It is pure. It rounds
// down to the second, as the times of the server are.
func notRestarted(pods []corev1.Pod, since time.Time) string {
	since = since.Truncate(time.Second)
	if len(pods) == 0 {
		return "it has no Pods"
	}
	for _, pod := range pods {
		if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue // a Job's
		}
		if len(pod.Status.ContainerStatuses) == 0 {
			return pod.Name + " has not started"
		}
		for _, c := range pod.Status.ContainerStatuses {
			if c.State.Running == nil || c.State.Running.StartedAt.Time.Before(since) {
				return pod.Name + " has not restarted"
			}
		}
	}
	return ""
}
