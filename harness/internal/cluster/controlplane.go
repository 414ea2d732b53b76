package cluster

import (
	"context"
	"fmt"
	"slices"

	"github.com/noteproof/noteproof/harness/probe"
)

// adminKubeconfig is where kubeadm leaves the administrator's kubeconfig.
const adminKubeconfig = "/etc/kubernetes/admin.conf"

// OnControlPlane runs a command on the control plane, where kubectl is of the cluster's version and the administrator's.
// A command that fails is no error.
func (c *Cluster) OnControlPlane(ctx context.Context, command ...string) (probe.Output, error) {
	there, err := c.nodeContainers(ctx)
	if err != nil {
		return probe.Output{}, err
	}
	at := slices.IndexFunc(there, func(one container) bool { return one.Role == roleControlPlane })
	if at < 0 {
		return probe.Output{}, fmt.Errorf("there is no control plane of %s among the containers", c.spec.Name)
	}
	return execIn(ctx, c.eng, there[at].Name, append([]string{"env", "KUBECONFIG=" + adminKubeconfig}, command...)...)
}
