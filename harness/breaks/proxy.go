package breaks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
)

// kubeProxy is the name of kubeadm's DaemonSet, of its ConfigMap, and of the program.
const kubeProxy = "kube-proxy"

// labelBreak is the key of a node selector and of an annotation that disturbances add to the template of a DaemonSet.
const labelBreak = "noteproof.dev/break"

// WithoutKubeProxy removes kube-proxy and its rules from all nodes.
func WithoutKubeProxy() Disturbance {
	return disturbance("no-kube-proxy", "takes kube-proxy and its rules away from all nodes", func(ctx context.Context, c *change) error {
		err := c.editKubeProxy(ctx, func(set *appsv1.DaemonSet) {
			set.Spec.Template.Spec.NodeSelector = map[string]string{labelBreak: "no-node-has-this"}
		})
		if err != nil {
			return err
		}
		return c.everyNode(ctx, c.flushProxyRules)
	})
}

// WithoutKubeProxyOn removes kube-proxy and its rules from one worker, counted from 1 in the order of names.
func WithoutKubeProxyOn(worker int) Disturbance {
	name := fmt.Sprintf("no-kube-proxy-on-worker-%d", worker)
	return disturbance(name, fmt.Sprintf("takes kube-proxy and its rules away from worker %d", worker), func(ctx context.Context, c *change) error {
		node, err := c.worker(ctx, worker)
		if err != nil {
			return err
		}
		err = c.editKubeProxy(ctx, func(set *appsv1.DaemonSet) { avoid(&set.Spec.Template.Spec, node) })
		if err != nil {
			return err
		}
		return c.flushProxyRules(ctx, node)
	})
}

// avoid excludes a node from those that a Pod may run on.
func avoid(pod *corev1.PodSpec, node string) {
	pod.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
			MatchFields: []corev1.NodeSelectorRequirement{{Key: "metadata.name", Operator: corev1.NodeSelectorOpNotIn, Values: []string{node}}},
		}}},
	}}
}

// LocalNodePorts makes kube-proxy answer node ports at 127.0.0.1 only.
func LocalNodePorts() Disturbance {
	const field, local = "nodePortAddresses", "127.0.0.0/8"
	return disturbance("local-node-ports", "makes kube-proxy answer node ports at 127.0.0.1 only", func(ctx context.Context, c *change) error {
		if err := c.editKubeProxyConfig(ctx, field, []string{local}); err != nil {
			return err
		}
		return c.everyNode(ctx, func(ctx context.Context, node string) error {
			return await(ctx, "kube-proxy on "+node+" runs with its new configuration", rulesWithin, func(ctx context.Context) (string, error) {
				current, err := c.kubeProxyField(ctx, node, field)
				if err != nil || current == `["`+local+`"]` {
					return "", err
				}
				return "it runs with " + current, nil
			})
		})
	})
}

// editKubeProxyConfig changes a field of kube-proxy's configuration and restarts kube-proxy on all nodes.
func (c *change) editKubeProxyConfig(ctx context.Context, field string, value any) error {
	const key = "config.conf"
	maps := c.client.CoreV1().ConfigMaps(metav1.NamespaceSystem)
	before, err := maps.Get(ctx, kubeProxy, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("get the configuration of kube-proxy: %w", err)
	}
	after, err := setField(before.Data[key], field, value)
	if err != nil {
		return fmt.Errorf("edit the configuration of kube-proxy: %w", err)
	}
	write := func(ctx context.Context, text string) error {
		err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
			current, err := maps.Get(ctx, kubeProxy, metav1.GetOptions{})
			if err != nil {
				return err
			}
			current.Data[key] = text
			_, err = maps.Update(ctx, current, metav1.UpdateOptions{})
			return err
		})
		if err != nil {
			return fmt.Errorf("write the configuration of kube-proxy: %w", err)
		}
		return nil
	}
	// In reverse order, kube-proxy would restart before its old configuration is restored, so the two steps are exchanged.
	undoRestart := len(c.steps)
	c.onUndo(func(ctx context.Context) error { return write(ctx, before.Data[key]) })
	if err := write(ctx, after); err != nil {
		return err
	}
	err = c.editKubeProxy(ctx, func(set *appsv1.DaemonSet) {
		if set.Spec.Template.Annotations == nil {
			set.Spec.Template.Annotations = map[string]string{}
		}
		set.Spec.Template.Annotations[labelBreak] = field
	})
	slices.Reverse(c.steps[undoRestart:])
	return err
}

// editKubeProxy changes the DaemonSet of kube-proxy and returns when its Pods are updated. Undo restores the old template and
// waits for the rules on all nodes.
func (c *change) editKubeProxy(ctx context.Context, edit func(*appsv1.DaemonSet)) error {
	before, err := c.client.AppsV1().DaemonSets(metav1.NamespaceSystem).Get(ctx, kubeProxy, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("get the DaemonSet of kube-proxy: %w", err)
	}
	c.onUndo(func(ctx context.Context) error {
		err := c.updateKubeProxy(ctx, func(set *appsv1.DaemonSet) { set.Spec.Template = before.Spec.Template })
		if err != nil {
			return err
		}
		return c.everyNode(ctx, c.awaitProxyRules)
	})
	return c.updateKubeProxy(ctx, edit)
}

func (c *change) updateKubeProxy(ctx context.Context, edit func(*appsv1.DaemonSet)) error {
	sets := c.client.AppsV1().DaemonSets(metav1.NamespaceSystem)
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		set, err := sets.Get(ctx, kubeProxy, metav1.GetOptions{})
		if err != nil {
			return err
		}
		edit(set)
		_, err = sets.Update(ctx, set, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("change the DaemonSet of kube-proxy: %w", err)
	}
	return await(ctx, "the Pods of kube-proxy are updated", rolloutWithin, func(ctx context.Context) (string, error) {
		set, err := sets.Get(ctx, kubeProxy, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		if left := daemonSetProblem(*set); left != "" {
			return left, nil
		}
		selector := metav1.FormatLabelSelector(set.Spec.Selector)
		pods, err := c.client.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return "", err
		}
		if n := len(pods.Items); n != int(set.Status.DesiredNumberScheduled) {
			return fmt.Sprintf("there are %d Pods, not %d", n, set.Status.DesiredNumberScheduled), nil
		}
		return "", nil
	})
}

// kubeProxyField returns a field of the configuration with which kube-proxy runs on a node, as JSON.
func (c *change) kubeProxyField(ctx context.Context, node, field string) (string, error) {
	text, err := c.run(ctx, node, "curl", "--silent", "--fail", "--noproxy", "*", "--max-time", "5", "http://127.0.0.1:10249/configz")
	if err != nil {
		return "", err
	}
	var parsed map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return "", fmt.Errorf("read the configuration of kube-proxy on %s: %w", node, err)
	}
	for _, config := range parsed {
		for name, value := range config {
			if strings.EqualFold(name, field) {
				return string(value), nil
			}
		}
	}
	return "", nil
}
