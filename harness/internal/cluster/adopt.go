package cluster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"al.essio.dev/pkg/shellescape"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// adoptedWithin is how long a cluster that exists may take to answer.
const adoptedWithin = 20 * time.Second

// TakeNodes lets the nodes of an adopted cluster be stopped, and commands be run on them, as containers of this engine,
// which is what kind makes of nodes. Its error says why they cannot be reached so. It is for clusters on which that is allowed.
func (c *Cluster) TakeNodes(ctx context.Context, eng *engine.Engine) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list nodes: %w", err)
	}
	var taken []container
	for _, node := range nodes.Items {
		networks, err := networksOf(ctx, eng, node.Name)
		if err != nil {
			return fmt.Errorf("the node %s is no container of %s here: %w", node.Name, eng.Name(), err)
		}
		if networkWith(networks, node) == "" { // a namesake
			return fmt.Errorf("the container %s of %s has not the node's address %s", node.Name, eng.Name(), internalAddress(node))
		}
		taken = append(taken, container{Name: node.Name, Role: roleOf(node)})
	}
	c.eng, c.taken, c.spec.Workers = eng, taken, len(taken)-1
	return nil
}

// nodeContainers are the containers of the cluster's nodes, and of their companions where it is our own.
func (c *Cluster) nodeContainers(ctx context.Context) ([]container, error) {
	if !c.adopted {
		return containers(ctx, c.eng, c.spec.Name)
	}
	if c.taken == nil {
		return nil, errors.New("the cluster is not ours, so its nodes are left alone")
	}
	return c.taken, nil
}

// loadingRules are those of kubectl: one file must be there; of a list, as KUBECONFIG holds it, those that are there are
// merged.
func loadingRules(kubeconfig string) *clientcmd.ClientConfigLoadingRules {
	if files := filepath.SplitList(kubeconfig); len(files) > 1 {
		return &clientcmd.ClientConfigLoadingRules{Precedence: files}
	}
	return &clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}
}

// Adopt returns a cluster that somebody else made, reached by this context of a kubeconfig, which is a file or a list of
// files as KUBECONFIG holds it; an empty context means the current one. Nothing is made on it, and Down leaves it alone. The
// error says why it cannot be used.
func Adopt(ctx context.Context, kubeconfig, kubeContext string) (*Cluster, error) {
	config, err := loadingRules(kubeconfig).Load()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig %s: %w", kubeconfig, err)
	}
	if kubeContext == "" {
		kubeContext = config.CurrentContext
	}
	if _, found := config.Contexts[kubeContext]; !found {
		return nil, fmt.Errorf("the kubeconfig %s has no context %q; see `KUBECONFIG=%s kubectl config get-contexts`", kubeconfig, kubeContext, shellescape.Quote(kubeconfig))
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
		return nil, fmt.Errorf("none of the %d nodes of the cluster %s can be used: not Ready, or cordoned; see `KUBECONFIG=%s kubectl get nodes --context=%s`",
			len(nodes.Items), kubeContext, shellescape.Quote(kubeconfig), shellescape.Quote(kubeContext))
	}
	return c, nil
}
