package cluster

import (
	"context"

	"github.com/noteproof/noteproof/harness/probe"
)

// NodeContainer is the container that a node runs in.
type NodeContainer struct {
	Name         string // the node's name as well
	ControlPlane bool
}

// NodeContainers lists the nodes as the container engine knows them, so that it answers while the API server does not.
func (c *Cluster) NodeContainers(ctx context.Context) ([]NodeContainer, error) {
	there, err := c.nodeContainers(ctx)
	if err != nil {
		return nil, err
	}
	var nodes []NodeContainer
	for _, one := range there {
		if one.Role == roleControlPlane || one.Role == roleWorker { // and not the machine outside
			nodes = append(nodes, NodeContainer{Name: one.Name, ControlPlane: one.Role == roleControlPlane})
		}
	}
	return nodes, nil
}

// OnNode runs a command in the container of a node. A command that fails is no error: its exit code is in the Output.
func (c *Cluster) OnNode(ctx context.Context, node string, command ...string) (probe.Output, error) {
	return execIn(ctx, c.eng, node, command...)
}
