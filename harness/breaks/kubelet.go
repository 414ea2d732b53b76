package breaks

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// kubeletConfig is the path to which kubeadm writes a kubelet's configuration.
const kubeletConfig = "/var/lib/kubelet/config.yaml"

// WithoutCPUQuota makes all kubelets start containers without a CPU quota, so that their CPU limits have no effect.
func WithoutCPUQuota() Disturbance {
	return disturbance("no-cpu-quota", "makes the kubelets start containers without a CPU quota", func(ctx context.Context, c *change) error {
		return c.everyNode(ctx, func(ctx context.Context, node string) error { return c.setKubelet(ctx, node, "cpuCFSQuota", false) })
	})
}

// setKubelet changes a field of a kubelet's configuration, and returns when the kubelet runs with it and its node is Ready.
func (c *change) setKubelet(ctx context.Context, node, field string, value any) error {
	before, err := c.run(ctx, node, "cat", kubeletConfig)
	if err != nil {
		return err
	}
	old, err := c.kubeletField(ctx, node, field)
	if err != nil {
		return err
	}
	after, err := setField(before, field, value)
	if err != nil {
		return fmt.Errorf("edit %s on %s: %w", kubeletConfig, node, err)
	}
	c.onUndo(func(ctx context.Context) error { return c.replaceKubeletConfig(ctx, node, before+"\n", field, old) })
	return c.replaceKubeletConfig(ctx, node, after, field, value)
}

func (c *change) replaceKubeletConfig(ctx context.Context, node, text, field string, value any) error {
	if _, err := c.script(ctx, node, `printf %s "$2" >"$1"`, kubeletConfig, text); err != nil {
		return err
	}
	if err := c.restartKubelet(ctx, node); err != nil {
		return err
	}
	return await(ctx, fmt.Sprintf("the kubelet on %s runs with %s: %v", node, field, value), kubeletWithin, func(ctx context.Context) (string, error) {
		current, err := c.kubeletField(ctx, node, field)
		if err != nil || reflect.DeepEqual(current, value) {
			return "", err
		}
		return fmt.Sprintf("it runs with %v", current), nil
	})
}

// restartKubelet restarts a kubelet and waits until it has reported that its node is Ready.
func (c *change) restartKubelet(ctx context.Context, node string) error {
	since := time.Now()
	if _, err := c.run(ctx, node, "systemctl", "restart", "kubelet"); err != nil {
		return err
	}
	return c.awaitNodeReady(ctx, node, since)
}

// awaitNodeReady waits until a kubelet has reported since then that its node is Ready. The API server stores times with a
// precision of one second.
func (c *change) awaitNodeReady(ctx context.Context, name string, since time.Time) error {
	since = since.Truncate(time.Second)
	return await(ctx, "node "+name+" is Ready", kubeletWithin, func(ctx context.Context) (string, error) {
		node, err := c.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.LastHeartbeatTime.Time.Before(since) {
				return "its kubelet has not reported yet", nil
			}
		}
		return unready(*node), nil
	})
}

// kubeletField returns a field of the configuration with which a kubelet runs; nil if it has no such field.
func (c *change) kubeletField(ctx context.Context, node, field string) (any, error) {
	text, err := c.client.CoreV1().RESTClient().Get().Resource("nodes").Name(node).SubResource("proxy").Suffix("configz").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("get the configuration of the kubelet on %s: %w", node, err)
	}
	var parsed struct {
		Config map[string]any `json:"kubeletconfig"`
	}
	if err := json.Unmarshal(text, &parsed); err != nil {
		return nil, fmt.Errorf("read the configuration of the kubelet on %s: %w", node, err)
	}
	return parsed.Config[field], nil
}

// setField sets a top-level field of a YAML document.
func setField(text, field string, value any) (string, error) {
	document := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return "", err
	}
	document[field] = value
	edited, err := yaml.Marshal(document)
	return string(edited), err
}
