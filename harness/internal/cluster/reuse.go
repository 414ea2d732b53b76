package cluster

import (
	"context"
	"errors"
	"fmt"
)

// reuse checks that the containers that are there are the wanted cluster and that it is ready, and brings the kubeconfig
// and the workload image. The error says why it cannot be used.
func (c *Cluster) reuse(ctx context.Context, there []container) error {
	// A run that was cut off while others waited for its cluster may have left it changed.
	if why := leftOver(c.lease.read().Phase, there); why != "" {
		return errors.New(why)
	}
	image, err := imageID(ctx, c.eng, c.spec.Image.Ref)
	if err != nil {
		return err
	}
	if unfit := unfitNodes(there, image, c.spec.Workers); unfit != "" {
		return fmt.Errorf("%s", unfit)
	}
	if err := c.writeKubeconfig(); err != nil {
		return err
	}
	if err := c.rightVersion(); err != nil {
		return err
	}
	if err := c.awaitReady(ctx, stillReadyWithin); err != nil {
		return err
	}
	return c.loadImages(ctx)
}

// rightVersion is an error when the server reports another version than the one that is wanted.
func (c *Cluster) rightVersion() error {
	client, err := c.client()
	if err != nil {
		return err
	}
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return fmt.Errorf("ask for the server's version: %w", err)
	}
	if version.GitVersion != c.spec.Version {
		return fmt.Errorf("its server reports Kubernetes %s, not %s", version.GitVersion, c.spec.Version)
	}
	return nil
}

// unfitNodes says why these containers are not the wanted cluster; empty when they are. It is pure.
func unfitNodes(there []container, image string, workers int) string {
	has := map[string]int{}
	for _, c := range there {
		if !c.node() {
			continue
		}
		has[c.Role]++
		if !c.Running {
			return "its node " + c.Name + " does not run"
		}
		if c.ImageID != image {
			return "its node " + c.Name + " runs another image, " + c.ImageRef + " as it was when the cluster was made"
		}
	}
	if has[roleControlPlane] != 1 || has[roleWorker] != workers {
		return fmt.Sprintf("it has %d control planes and %d workers, not 1 and %d", has[roleControlPlane], has[roleWorker], workers)
	}
	return ""
}
