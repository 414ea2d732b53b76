package cluster

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reuse checks that the existing containers match the Spec, writes the kubeconfig, waits until the cluster is ready and loads
// the images. The error says why the cluster cannot be used.
func (c *Cluster) reuse(ctx context.Context, existing []container) error {
	// A run that was interrupted while others waited for its cluster may have left it modified.
	if why := whyLeftOver(existing); why != "" {
		return errors.New(why)
	}
	if mark := keptMark(existing); mark.kept == forLooking { // there is one, since it is not left over
		return fmt.Errorf("%s has kept it to look at a run that failed", mark.holder)
	}
	image, err := imageID(ctx, c.eng, c.spec.Image.Ref)
	if err != nil {
		return err
	}
	if unfit := unfitNodes(existing, image, c.spec.workers()); unfit != "" {
		return fmt.Errorf("%s", unfit)
	}
	if err := c.writeKubeconfig(); err != nil {
		return err
	}
	if err := c.checkVersion(); err != nil {
		return err
	}
	if err := c.checkConfig(ctx); err != nil {
		return err
	}
	if err := c.awaitReady(ctx, reuseTimeout); err != nil {
		return err
	}
	return c.loadImages(ctx)
}

// checkVersion returns an error if the server does not report the wanted version.
func (c *Cluster) checkVersion() error {
	client, err := c.client()
	if err != nil {
		return err
	}
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return fmt.Errorf("get the server's version: %w", err)
	}
	if version.GitVersion != c.spec.Version {
		return fmt.Errorf("its server reports Kubernetes %s, not %s", version.GitVersion, c.spec.Version)
	}
	return nil
}

// checkConfig returns an error if the cluster was not created from the wanted configuration.
func (c *Cluster) checkConfig(ctx context.Context) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	node, err := client.CoreV1().Nodes().Get(ctx, c.spec.Name+"-"+roleControlPlane, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("find out how the cluster was created: %w", err)
	}
	wanted, _ := kindConfig(c.spec, c.eng.Host())
	if node.Labels[hashLabel] != configHash(wanted, c.spec.Variant) {
		return errors.New("it was created from another configuration")
	}
	return nil
}

// unfitNodes says why the containers do not match the wanted cluster; empty if they do. It is pure.
func unfitNodes(existing []container, image string, workers int) string {
	has := map[string]int{}
	for _, c := range existing {
		if !c.isNode() {
			continue
		}
		has[c.Role]++
		if !c.Running {
			return "its node " + c.Name + " is not running"
		}
		if c.ImageID != image {
			return "its node " + c.Name + " runs another image, " + c.ImageRef + " as it was when the cluster was created"
		}
	}
	if has[roleControlPlane] != 1 || has[roleWorker] != workers {
		return fmt.Sprintf("it has %d control planes and %d workers, not 1 and %d", has[roleControlPlane], has[roleWorker], workers)
	}
	return ""
}
