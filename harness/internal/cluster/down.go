package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Down removes the cluster and waits until its containers and volumes are gone. It also removes the kubeconfig, and the
// network if one of our runs created it and no container is attached to it. Pass a context that outlives the run's. Down does
// nothing to an adopted cluster.
func (c *Cluster) Down(ctx context.Context) error {
	if c.adopted {
		return nil
	}
	step := c.log.Step("delete the cluster %s", c.spec.Name)
	return step.End(errors.Join(c.remove(ctx), c.lease.release()))
}

// Keep leaves the cluster to the next run and releases its name. It does nothing to an adopted cluster.
func (c *Cluster) Keep() error {
	if c.adopted {
		return nil
	}
	return errors.Join(c.lease.write(kept, c.spec.Kubeconfig), c.lease.release())
}

// undo removes the parts of a cluster whose creation failed, even when the run's context has ended.
func (c *Cluster) undo(ctx context.Context) error {
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	return c.remove(cleaning)
}

func (c *Cluster) remove(ctx context.Context) error {
	if err := removeContainers(ctx, c.eng, c.spec.Name); err != nil {
		return err
	}
	_, err := c.network.remove(ctx)
	return errors.Join(err, removeKubeconfig(c.spec.Kubeconfig), c.lease.write(gone, ""))
}

func removeKubeconfig(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the kubeconfig: %w", err)
	}
	return nil
}
