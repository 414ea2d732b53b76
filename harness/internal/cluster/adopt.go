package cluster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"al.essio.dev/pkg/shellescape"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// adoptTimeout limits how long an adopted cluster may take to answer.
const adoptTimeout = 20 * time.Second

// TakeNodes makes the nodes of an adopted cluster available to StopNode, StartNode, OnNode and OnControlPlane. It returns an
// error if the nodes are not containers of the engine, as kind's nodes are. Call it only where stopping nodes is allowed.
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
			return fmt.Errorf("the node %s is not a container of %s on this machine: %w", node.Name, eng.Name(), err)
		}
		if network, _ := networkWith(networks, node); network == "" { // another container with the node's name
			return fmt.Errorf("the container %s of %s does not have the node's address %s", node.Name, eng.Name(), InternalAddress(node))
		}
		if err := sameMachine(ctx, eng, node); err != nil {
			return err
		}
		taken = append(taken, container{Name: node.Name, Role: roleOf(node)})
	}
	c.eng, c.taken, c.spec.Workers = eng, taken, len(taken)-1
	return nil
}

// nodeContainers lists the containers of the cluster's nodes. For a cluster that we created it includes the companions.
func (c *Cluster) nodeContainers(ctx context.Context) ([]container, error) {
	if !c.adopted {
		return containers(ctx, c.eng, c.spec.Name)
	}
	if c.taken == nil {
		return nil, errors.New("the nodes of an adopted cluster are not touched")
	}
	return c.taken, nil
}

// loadingRules returns kubectl's rules: a single file must exist; of a list, as in KUBECONFIG, the files that exist are
// merged.
func loadingRules(kubeconfig string) *clientcmd.ClientConfigLoadingRules {
	if files := filepath.SplitList(kubeconfig); len(files) > 1 {
		return &clientcmd.ClientConfigLoadingRules{Precedence: files}
	}
	return &clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}
}

// KubeContext returns the context that selects the cluster in a kubeconfig: kubeContext, or the current one if that is empty.
// kubeconfig is a file or, as in KUBECONFIG, a list of files. It returns an error if the context, its cluster or its user is not
// there or incomplete. It sends no request.
func KubeContext(kubeconfig, kubeContext string) (string, error) {
	config, err := loadingRules(kubeconfig).Load()
	if err != nil {
		return "", fmt.Errorf("read the kubeconfig %s: %w", kubeconfig, err)
	}
	if len(config.Contexts) == 0 {
		return "", fmt.Errorf("the kubeconfig %s has no contexts, or is not there", kubeconfig)
	}
	if kubeContext == "" {
		kubeContext = config.CurrentContext
	}
	see := fmt.Sprintf("see `KUBECONFIG=%s kubectl config get-contexts`", shellescape.Quote(kubeconfig))
	if kubeContext == "" {
		return "", fmt.Errorf("the kubeconfig %s has no current context: name one with --context; %s", kubeconfig, see)
	}
	if _, found := config.Contexts[kubeContext]; !found {
		return "", fmt.Errorf("the kubeconfig %s has no context %q; %s", kubeconfig, kubeContext, see)
	}
	if err := clientcmd.ConfirmUsable(*config, kubeContext); err != nil {
		return "", fmt.Errorf("the kubeconfig %s: the context %q cannot be used: %w", kubeconfig, kubeContext, err)
	}
	return kubeContext, nil
}

// Adopt returns an existing cluster that this package did not create. kubeconfig is a file or, as in KUBECONFIG, a list of
// files; an empty kubeContext means the current context. Adopt changes nothing on the cluster, and Down does not remove it. It
// returns an error if the cluster does not answer or no node is usable.
func Adopt(ctx context.Context, kubeconfig, kubeContext string) (*Cluster, error) {
	kubeContext, err := KubeContext(kubeconfig, kubeContext)
	if err != nil {
		return nil, err
	}
	c := &Cluster{spec: Spec{Name: kubeContext, Kubeconfig: kubeconfig}, context: kubeContext, adopted: true, pace: newPace()}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	listing, cancel := context.WithTimeout(ctx, adoptTimeout)
	defer cancel()
	_, err = client.CoreV1().Nodes().List(listing, metav1.ListOptions{Limit: 1})
	if err != nil && !apierrors.IsForbidden(err) { // a refusal is an answer
		return nil, fmt.Errorf("list the nodes of the cluster %s: %w", kubeContext, err)
	}
	return c, nil
}
