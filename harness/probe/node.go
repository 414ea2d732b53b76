package probe

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NodeReady looks at the condition Ready of a node; the answer is a corev1.ConditionStatus. It is Unknown from when the node
// lifecycle controller finds that the kubelet has stopped to report (Kubernetes docs, "Node Status").
func (c Cluster) NodeReady(name string) Look {
	return look{"the condition Ready of node " + name, func(ctx context.Context) (any, error) {
		node, err := c.Client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return nil, fmt.Errorf("get node %s: %w", name, err)
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady {
				return condition.Status, nil
			}
		}
		return nil, fmt.Errorf("node %s has no condition Ready", name)
	}}
}
