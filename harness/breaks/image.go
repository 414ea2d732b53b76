package breaks

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// hiddenImage begins the name by which a hidden image is kept, so that containerd does not delete what it is made of.
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

// hideImage gives an image another name on a node.
func (c *change) hideImage(ctx context.Context, node, ref string) error {
	there, err := c.images(ctx, node)
	if err != nil {
		return err
	}
	if !slices.Contains(there, ref) {
		return fmt.Errorf("hide the image %s on %s: it is not there", ref, node)
	}
	c.onUndo(func(ctx context.Context) error { return c.renameImage(ctx, node, hiddenImage+ref, ref) })
	return c.renameImage(ctx, node, ref, hiddenImage+ref)
}

// renameImage gives an image another name, unless it has that name only already, and waits until containerd lists it so.
func (c *change) renameImage(ctx context.Context, node, from, to string) error {
	const rename = `ctr="ctr --namespace=k8s.io"
if $ctr images ls -q "name==$1" | grep --quiet .; then
  $ctr images tag --force "$1" "$2" >/dev/null
  $ctr images rm "$1" >/dev/null
fi`
	if _, err := c.script(ctx, node, rename, from, to); err != nil {
		return err
	}
	return await(ctx, fmt.Sprintf("the image %s on %s is called %s", from, node, to), imageWithin, func(ctx context.Context) (string, error) {
		there, err := c.images(ctx, node)
		if err != nil {
			return "", err
		}
		if slices.Contains(there, from) || !slices.Contains(there, to) {
			return "there are " + strings.Join(there, ", "), nil
		}
		return "", nil
	})
}

// images are the names of the images of the kubelet on a node.
func (c *change) images(ctx context.Context, node string) ([]string, error) {
	list, err := c.run(ctx, node, "ctr", "--namespace=k8s.io", "images", "ls", "-q")
	if err != nil {
		return nil, err
	}
	return strings.Fields(list), nil
}
