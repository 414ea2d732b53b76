package cluster

import (
	"context"
	"fmt"
	"slices"

	"github.com/noteproof/noteproof/harness/probe"
)

// adminKubeconfig is the path at which kubeadm writes the administrator's kubeconfig on the control plane.
const adminKubeconfig = "/etc/kubernetes/admin.conf"

// OnControlPlane runs a command on the control plane, where kubectl has the cluster's version and acts as the administrator.
// A command that fails is not an error: its exit code is in the Output.
func (c *Cluster) OnControlPlane(ctx context.Context, command ...string) (probe.Output, error) {
	nodes, err := c.nodeContainers(ctx)
	if err != nil {
		return probe.Output{}, err
	}
	i := slices.IndexFunc(nodes, func(n container) bool { return n.Role == roleControlPlane })
	if i < 0 {
		return probe.Output{}, fmt.Errorf("no container is the control plane of %s", c.spec.Name)
	}
	return execIn(ctx, c.eng, nodes[i].Name, append([]string{"env", "KUBECONFIG=" + adminKubeconfig}, command...)...)
}
