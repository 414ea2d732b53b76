package breaks

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// onWorker returns a Disturbance of one worker, counted from 1 in the order of names.
func onWorker(number int, name, does string, apply func(ctx context.Context, c *change, node string) error) Disturbance {
	name = fmt.Sprintf("%s-worker-%d", name, number)
	return disturbance(name, fmt.Sprintf("%s worker %d", does, number), func(ctx context.Context, c *change) error {
		node, err := c.worker(ctx, number)
		if err != nil {
			return err
		}
		return apply(ctx, c, node)
	})
}

// StoppedWorker stops a worker like a machine that loses power. Undo starts it again.
func StoppedWorker(number int) Disturbance {
	return onWorker(number, "stopped", "stops", func(ctx context.Context, c *change, node string) error {
		c.onUndo(func(ctx context.Context) error { return c.StartNode(ctx, node) })
		return c.StopNode(ctx, node)
	})
}

// SilentWorker stops the kubelet of a worker. Apply returns when the node is marked as not Ready, which takes 40 to 50 s.
func SilentWorker(number int) Disturbance {
	return onWorker(number, "silent", "stops the kubelet of", func(ctx context.Context, c *change, node string) error {
		c.onUndo(func(ctx context.Context) error { return c.restartKubelet(ctx, node) })
		if _, err := c.run(ctx, node, "systemctl", "stop", "kubelet"); err != nil {
			return err
		}
		return await(ctx, "node "+node+" is not Ready", unreadyWithin, func(ctx context.Context) (string, error) {
			n, err := c.client.CoreV1().Nodes().Get(ctx, node, metav1.GetOptions{})
			if err == nil && unready(*n) == "" {
				return "it is Ready", nil
			}
			return "", err
		})
	})
}

// RestartedKubelet restarts the kubelet of a worker once. Undo waits until the node is Ready.
func RestartedKubelet(number int) Disturbance {
	return onWorker(number, "restarted-kubelet", "restarts the kubelet of", func(ctx context.Context, c *change, node string) error {
		since := time.Now()
		c.onUndo(func(ctx context.Context) error { return c.awaitNodeReady(ctx, node, since) })
		_, err := c.run(ctx, node, "systemctl", "restart", "kubelet")
		return err
	})
}

// CordonedWorker marks a worker as unschedulable.
func CordonedWorker(number int) Disturbance {
	return onWorker(number, "cordoned", "marks as unschedulable", func(ctx context.Context, c *change, node string) error {
		c.onUndo(func(ctx context.Context) error { return c.cordon(ctx, node, false) })
		return c.cordon(ctx, node, true)
	})
}

// cordon marks a node as unschedulable or not, and waits until its taint, which a controller maintains, follows.
func (c *change) cordon(ctx context.Context, name string, unschedulable bool) error {
	patch := fmt.Appendf(nil, `{"spec":{"unschedulable":%t}}`, unschedulable)
	if _, err := c.client.CoreV1().Nodes().Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return fmt.Errorf("mark node %s as unschedulable: %t: %w", name, unschedulable, err)
	}
	what := fmt.Sprintf("node %s is marked as unschedulable: %t", name, unschedulable)
	return await(ctx, what, rulesWithin, func(ctx context.Context) (string, error) {
		node, err := c.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		tainted := false
		for _, taint := range node.Spec.Taints {
			tainted = tainted || taint.Key == corev1.TaintNodeUnschedulable
		}
		if node.Spec.Unschedulable != unschedulable || tainted != unschedulable {
			return fmt.Sprintf("unschedulable: %t, tainted: %t", node.Spec.Unschedulable, tainted), nil
		}
		return "", nil
	})
}

// DrainedWorker drains a worker as kubectl drain does: it marks the worker as unschedulable and evicts its Pods, except those of
// DaemonSets and of kube-system.
func DrainedWorker(number int) Disturbance {
	return onWorker(number, "drained", "drains", func(ctx context.Context, c *change, node string) error {
		c.onUndo(func(ctx context.Context) error { return c.cordon(ctx, node, false) })
		if err := c.cordon(ctx, node, true); err != nil {
			return err
		}
		pods, err := c.client.CoreV1().Pods("").List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + node})
		if err != nil {
			return fmt.Errorf("list the Pods of node %s: %w", node, err)
		}
		for _, pod := range pods.Items {
			if owner := metav1.GetControllerOf(&pod); pod.Namespace == metav1.NamespaceSystem || owner != nil && owner.Kind == "DaemonSet" {
				continue
			}
			eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace}}
			if err := c.client.PolicyV1().Evictions(pod.Namespace).Evict(ctx, eviction); err != nil && !apierrors.IsNotFound(err) {
				return fmt.Errorf("evict Pod %s/%s: %w", pod.Namespace, pod.Name, err)
			}
		}
		return nil
	})
}

// FullWorker requests all free memory of a worker for a Pod that does not use it. Memory that other Pods release later stays
// free.
func FullWorker(number int) Disturbance {
	return onWorker(number, "full", "requests all free memory of", func(ctx context.Context, c *change, node string) error {
		const namespace = "noteproof-full"
		c.onUndo(func(ctx context.Context) error { return c.deleteNamespace(ctx, namespace) })
		if err := c.createNamespace(ctx, namespace, nil); err != nil {
			return err
		}
		return c.fill(ctx, namespace, node)
	})
}

// fill creates a Pod that requests the free memory of a node. The kubelet refuses it while another Pod is being deleted, or if
// another Pod was faster. Then fill creates it again.
func (c *change) fill(ctx context.Context, namespace, node string) error {
	image, err := c.pauseImage(ctx, node)
	if err != nil {
		return err
	}
	pods := c.client.CoreV1().Pods(namespace)
	created := false
	return await(ctx, "the memory of node "+node+" is requested", rolloutWithin, func(ctx context.Context) (string, error) {
		if !created {
			filler, err := c.filler(ctx, node, image)
			if err != nil {
				return "", err
			}
			_, err = pods.Create(ctx, filler, metav1.CreateOptions{})
			if err != nil && !apierrors.IsAlreadyExists(err) {
				return "", err
			}
			created = true
		}
		pod, err := pods.Get(ctx, "filler", metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		if pod.Status.Phase == corev1.PodFailed {
			created = false
			return "it was refused: " + pod.Status.Message, pods.Delete(ctx, pod.Name, *metav1.NewDeleteOptions(0))
		}
		if !podReady(*pod) {
			return "the Pod that requests it is " + string(pod.Status.Phase), nil
		}
		return "", nil
	})
}
