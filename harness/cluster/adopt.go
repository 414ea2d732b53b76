package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// adoptedWithin is how long a cluster that exists may take to answer.
const adoptedWithin = 20 * time.Second

// Adopt returns a cluster that somebody else made, reached by this context of a kubeconfig; an empty context means the
// current one. Nothing is made on it, and Down leaves it alone. The error says why it cannot be used.
func Adopt(ctx context.Context, kubeconfig, kubeContext string) (*Cluster, error) {
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig %s: %w", kubeconfig, err)
	}
	if kubeContext == "" {
		kubeContext = config.CurrentContext
	}
	if _, found := config.Contexts[kubeContext]; !found {
		return nil, fmt.Errorf("the kubeconfig %s has no context %q; see `kubectl config get-contexts --kubeconfig=%s`", kubeconfig, kubeContext, kubeconfig)
	}
	c := &Cluster{spec: Spec{Name: kubeContext, Kubeconfig: kubeconfig}, context: kubeContext, adopted: true}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	asking, cancel := context.WithTimeout(ctx, adoptedWithin)
	defer cancel()
	nodes, err := client.CoreV1().Nodes().List(asking, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("ask the cluster %s for its nodes: %w", kubeContext, err)
	}
	if !slices.ContainsFunc(nodes.Items, func(n corev1.Node) bool { return nodeNotReady(n) == "" }) {
		return nil, fmt.Errorf("none of the %d nodes of the cluster %s is Ready; see `kubectl get nodes --kubeconfig=%s --context=%s`",
			len(nodes.Items), kubeContext, kubeconfig, kubeContext)
	}
	return c, nil
}
