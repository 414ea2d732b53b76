package cluster

import (
	"context"

	"github.com/noteproof/noteproof/harness/probe"
)

// NodeContainer is the container in which a node runs.
type NodeContainer struct {
	Name         string // the same as the node's name
	ControlPlane bool
}

// NodeContainers lists the containers of the nodes. It asks the container engine, so it works while the API server is down.
func (c *Cluster) NodeContainers(ctx context.Context) ([]NodeContainer, error) {
	listed, err := c.nodeContainers(ctx)
	if err != nil {
		return nil, err
	}
	var nodes []NodeContainer
	for _, n := range listed {
		if n.Role == roleControlPlane || n.Role == roleWorker { // not a companion such as Outside
			nodes = append(nodes, NodeContainer{Name: n.Name, ControlPlane: n.Role == roleControlPlane})
		}
	}
	return nodes, nil
}

// OnNode runs a command in the container of a node. A command that fails is not an error: its exit code is in the Output.
func (c *Cluster) OnNode(ctx context.Context, node string, command ...string) (probe.Output, error) {
	return execIn(ctx, c.eng, node, command...)
}
