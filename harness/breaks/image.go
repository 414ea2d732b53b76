package breaks

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// hiddenImage is the prefix of the name of a hidden image, under which containerd keeps its content.
const hiddenImage = "noteproof.dev/hidden/"

// WithoutImage hides an image from the kubelets of all nodes.
func WithoutImage(ref string) Disturbance {
	return disturbance("no-image", "hides the image "+ref+" from all nodes", func(ctx context.Context, c *change) error {
		return c.everyNode(ctx, func(ctx context.Context, node string) error { return c.hideImage(ctx, node, ref) })
	})
}

// WithoutImageOn hides an image from the kubelet of one worker, counted from 1 in the order of names.
func WithoutImageOn(worker int, ref string) Disturbance {
	name := fmt.Sprintf("no-image-on-worker-%d", worker)
	return disturbance(name, fmt.Sprintf("hides the image %s from worker %d", ref, worker), func(ctx context.Context, c *change) error {
		node, err := c.worker(ctx, worker)
		if err != nil {
			return err
		}
		return c.hideImage(ctx, node, ref)
	})
}

// hideImage renames an image on a node.
func (c *change) hideImage(ctx context.Context, node, ref string) error {
	images, err := c.images(ctx, node)
	if err != nil {
		return err
	}
	if !slices.Contains(images, ref) {
		return fmt.Errorf("hide the image %s on %s: the node does not have it", ref, node)
	}
	c.onUndo(func(ctx context.Context) error { return c.renameImage(ctx, node, hiddenImage+ref, ref) })
	return c.renameImage(ctx, node, ref, hiddenImage+ref)
}

// renameImage renames an image, unless it has only the new name already, and waits until containerd lists the new name only.
func (c *change) renameImage(ctx context.Context, node, from, to string) error {
	const rename = `ctr="ctr --namespace=k8s.io"
if $ctr images ls -q "name==$1" | grep --quiet .; then
  $ctr images tag --force "$1" "$2" >/dev/null
  $ctr images rm "$1" >/dev/null
fi`
	if _, err := c.script(ctx, node, rename, from, to); err != nil {
		return err
	}
	return await(ctx, fmt.Sprintf("the image %s on %s is renamed to %s", from, node, to), imageWithin, func(ctx context.Context) (string, error) {
		images, err := c.images(ctx, node)
		if err != nil {
			return "", err
		}
		if slices.Contains(images, from) || !slices.Contains(images, to) {
			return "the images are " + strings.Join(images, ", "), nil
		}
		return "", nil
	})
}

// images returns the names of the images on a node.
func (c *change) images(ctx context.Context, node string) ([]string, error) {
	list, err := c.run(ctx, node, "ctr", "--namespace=k8s.io", "images", "ls", "-q")
	if err != nil {
		return nil, err
	}
	return strings.Fields(list), nil
}
