package breaks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	utilversion "k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/noteproof/noteproof/harness/probe"
)

// Node is a node of the cluster. Its name is also that of its container.
type Node struct {
	Name         string
	ControlPlane bool
}

// Cluster is what a disturbance needs of a cluster.
type Cluster interface {
	// Nodes returns the nodes, also while the API server does not answer.
	Nodes(ctx context.Context) ([]Node, error)
	// OnNode runs a command in a node's container. It returns an error only if the command could not be run. The exit code of a
	// command that fails is in the Output.
	OnNode(ctx context.Context, node string, command ...string) (probe.Output, error)
	// RESTConfig returns the administrator's configuration.
	RESTConfig() (*rest.Config, error)
	// StopNode stops a worker at once, like a machine that loses power.
	StopNode(ctx context.Context, name string) error
	// StartNode starts a worker that was stopped, and returns when it is ready.
	StartNode(ctx context.Context, name string) error
}

// Disturbance is one way to break a cluster, or to disturb it for a while.
type Disturbance struct {
	// Name is short and unique: "no-endpointslice-controller".
	Name string
	// Does is one sentence for reports.
	Does string
	// Apply disturbs the cluster and returns when the disturbance is observed. undo makes the cluster whole again and returns
	// when that is observed. It can be called again after an error, and then continues; after success it does nothing. If Apply
	// fails, it undoes its steps before it returns the error.
	Apply func(ctx context.Context, c Cluster) (undo func(context.Context) error, err error)
}

// change is a disturbance while it is applied or undone.
type change struct {
	Cluster
	client kubernetes.Interface
	config *rest.Config

	mu    sync.Mutex
	steps []func(context.Context) error // undo the steps; the last is called first
	done  bool
}

// disturbance returns a Disturbance with a function that registers how to undo each step before it takes the step.
func disturbance(name, does string, apply func(ctx context.Context, c *change) error) Disturbance {
	return Disturbance{Name: name, Does: does, Apply: func(ctx context.Context, cluster Cluster) (func(context.Context) error, error) {
		c, err := newChange(cluster)
		if err != nil {
			return nil, fmt.Errorf("apply %s: %w", name, err)
		}
		undo := func(ctx context.Context) error {
			if err := c.revert(ctx); err != nil {
				return fmt.Errorf("undo %s: %w", name, err)
			}
			return nil
		}
		if err := apply(ctx, c); err != nil {
			cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoneWithin)
			defer cancel()
			return nil, errors.Join(fmt.Errorf("apply %s: %w", name, err), undo(cleaning))
		}
		return undo, nil
	}}
}

func newChange(cluster Cluster) (*change, error) {
	config, err := cluster.RESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("create a client: %w", err)
	}
	return &change{Cluster: cluster, client: client, config: config}, nil
}

// onUndo registers a function that undoes the next step. It must also work if that step was taken in part or not at all.
func (c *change) onUndo(undo func(context.Context) error) { c.steps = append(c.steps, undo) }

// revert undoes all steps, the last first, and waits until the cluster is whole. A step that cannot be undone is kept for the
// next call, and does not prevent the others from being undone.
func (c *change) revert(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return nil
	}
	var failed []func(context.Context) error
	var errs []error
	for _, undo := range slices.Backward(c.steps) {
		if err := undo(ctx); err != nil {
			failed, errs = append(failed, undo), append(errs, err)
		}
	}
	slices.Reverse(failed)
	c.steps = failed
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := c.awaitWhole(ctx); err != nil {
		return err
	}
	c.done = true
	return nil
}

// run runs a command on a node and returns its trimmed standard output. It returns an error if the command fails.
func (c *change) run(ctx context.Context, node string, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandWithin)
	defer cancel()
	out, err := c.OnNode(ctx, node, command...)
	if err != nil {
		return "", fmt.Errorf("run %q on %s: %w", strings.Join(command, " "), node, err)
	}
	if out.ExitCode != 0 {
		return "", fmt.Errorf("run %q on %s: %s", strings.Join(command, " "), node, out)
	}
	return strings.TrimSpace(out.Stdout), nil
}

// script runs a shell script on a node; its arguments are $1, $2 and so on.
func (c *change) script(ctx context.Context, node, script string, args ...string) (string, error) {
	return c.run(ctx, node, append([]string{"sh", "-ec", script, "sh"}, args...)...)
}

// controlPlane returns the name of the only control plane node.
func (c *change) controlPlane(ctx context.Context) (string, error) {
	nodes, err := c.Nodes(ctx)
	if err != nil {
		return "", err
	}
	nodes = slices.DeleteFunc(slices.Clone(nodes), func(n Node) bool { return !n.ControlPlane })
	if len(nodes) != 1 {
		return "", fmt.Errorf("the cluster has %d control planes, not one", len(nodes))
	}
	return nodes[0].Name, nil
}

// worker returns the name of a worker, counted from 1 in the order of names.
func (c *change) worker(ctx context.Context, number int) (string, error) {
	nodes, err := c.Nodes(ctx)
	if err != nil {
		return "", err
	}
	nodes = slices.DeleteFunc(slices.Clone(nodes), func(n Node) bool { return n.ControlPlane })
	slices.SortFunc(nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	if number < 1 || number > len(nodes) {
		return "", fmt.Errorf("there is no worker %d among %d", number, len(nodes))
	}
	return nodes[number-1].Name, nil
}

// everyNode calls do for all nodes, one after another.
func (c *change) everyNode(ctx context.Context, do func(ctx context.Context, node string) error) error {
	nodes, err := c.Nodes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, node := range nodes {
		errs = append(errs, do(ctx, node.Name))
	}
	return errors.Join(errs...)
}

// version returns the Kubernetes version of the API server.
func (c *change) version() (*utilversion.Version, error) {
	info, err := c.client.Discovery().ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("get the server's version: %w", err)
	}
	return utilversion.ParseGeneric(info.GitVersion)
}
