package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Down removes the cluster and waits until nothing of it is left: its containers and volumes, its kubeconfig, and kind's
// network if a run of ours made it and nobody uses it. It should be given a context that does not end with the run's. An
// adopted cluster is left alone.
func (c *Cluster) Down(ctx context.Context) error {
	if c.adopted {
		return nil
	}
	step := c.log.Step("delete the cluster %s", c.spec.Name)
	return step.End(errors.Join(c.remove(ctx), c.lease.release()))
}

// Keep leaves the cluster for the next run, which may have it from now on. An adopted cluster is left as it is.
func (c *Cluster) Keep() error {
	if c.adopted {
		return nil
	}
	return errors.Join(c.lease.tell(kept, c.spec.Kubeconfig), c.lease.release())
}

// undo removes what there is of a cluster that could not be made, even when the run's context has ended.
func (c *Cluster) undo(ctx context.Context) error {
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanedWithin)
	defer cancel()
	return c.remove(cleaning)
}

func (c *Cluster) remove(ctx context.Context) error {
	if err := removeContainers(ctx, c.eng, c.spec.Name); err != nil {
		return err
	}
	_, err := c.network.remove(ctx)
	return errors.Join(err, removeKubeconfig(c.spec.Kubeconfig), c.lease.tell(gone, ""))
}

func removeKubeconfig(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the kubeconfig: %w", err)
	}
	return nil
}
