package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
	"golang.org/x/sync/errgroup"
	kindnodes "sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// loadImages loads the images of the Spec onto every node that does not have them.
func (c *Cluster) loadImages(ctx context.Context) error {
	nodes, err := c.nodesImages(ctx)
	if err != nil {
		return err
	}
	if c.spec.Workload.Ref != "" {
		if err := c.load(ctx, c.spec.Workload, lacking(nodes, c.spec.Workload.Ref)); err != nil {
			return err
		}
	}
	if err := c.loadPlugin(ctx, c.spec.Plugin, nodes); err != nil {
		return err
	}
	for _, ref := range c.spec.Images {
		if err := c.loadFromEngine(ctx, ref, lacking(nodes, ref)); err != nil {
			return err
		}
	}
	return nil
}

// loadPlugin loads the images of a load balancer plugin onto every node that does not have them, except the spare one.
func (c *Cluster) loadPlugin(ctx context.Context, images []nodeimage.Archive, nodes []nodeImages) error {
	for _, image := range images {
		if err := c.load(ctx, image, lacking(nodes, image.Ref, c.spare())); err != nil {
			return err
		}
	}
	return nil
}

// nodeImages are the images of a node.
type nodeImages struct {
	node kindnodes.Node
	list string // as findImage reads it
}

// nodesImages lists the images of each node.
func (c *Cluster) nodesImages(ctx context.Context) ([]nodeImages, error) {
	nodes, err := provider(c.eng, nil).ListInternalNodes(c.spec.Name)
	if err != nil {
		return nil, fmt.Errorf("list the nodes of %s: %w", c.spec.Name, explain(err))
	}
	found := make([]nodeImages, len(nodes))
	each, ctx := errgroup.WithContext(ctx)
	for i, node := range nodes {
		each.Go(func() error {
			list, err := c.listImages(ctx, node.String())
			found[i] = nodeImages{node, list}
			return err
		})
	}
	return found, each.Wait()
}

// lacking returns the nodes that do not have an image, except those named.
func lacking(nodes []nodeImages, ref string, except ...string) []kindnodes.Node {
	var lack []kindnodes.Node
	for _, n := range nodes {
		if findImage(n.list, ref) == "" && !slices.Contains(except, n.node.String()) {
			lack = append(lack, n.node)
		}
	}
	return lack
}

// pullImages pulls the images that the engine does not have. Its error names each that is not available.
func pullImages(ctx context.Context, eng *engine.Engine, refs []string) error {
	var errs []error
	for _, ref := range refs {
		if _, err := eng.Run(ctx, "image", "inspect", ref); err == nil {
			continue
		}
		if _, err := eng.Run(ctx, "pull", ref); err != nil {
			errs = append(errs, fmt.Errorf("the suite names the image %s, which %s does not have and cannot pull: %w; build, load or pull it there", ref, eng.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// loadFromEngine loads an image of the engine onto nodes, all at once and without a file in between.
func (c *Cluster) loadFromEngine(ctx context.Context, ref string, onto []kindnodes.Node) error {
	if len(onto) == 0 {
		return nil
	}
	step := c.log.Step("load the image %s onto %d nodes", ref, len(onto))
	var stderr bytes.Buffer
	each, ctx := errgroup.WithContext(ctx)
	save := c.eng.Command(ctx, append(append([]string{"save"}, c.savedPlatform(ctx)...), ref)...)
	save.Stderr = &stderr
	var to []io.Writer
	var pipes []*io.PipeWriter
	for _, node := range onto {
		archive, pipe := io.Pipe()
		to, pipes = append(to, pipe), append(pipes, pipe)
		each.Go(func() error {
			err := c.loadOnto(ctx, node, ref, archive)
			archive.CloseWithError(err) // so that nothing waits for this node
			return err
		})
	}
	save.Stdout = io.MultiWriter(to...)
	each.Go(func() error {
		err := save.Run()
		if err != nil {
			err = &engine.CommandError{Command: save.String(), Output: engine.Tail(stderr.String(), tailLines), Err: err}
			err = fmt.Errorf("save the image %s: %w", ref, err)
		}
		for _, pipe := range pipes {
			pipe.CloseWithError(err)
		}
		return err
	})
	return step.End(each.Wait())
}

// savedPlatform returns the arguments by which an image is saved for the platform of the nodes only. With containerd's store, docker lists
// platforms in an archive of which it does not have the content, and kind cannot load that (kind, issue 3795).
func (c *Cluster) savedPlatform(ctx context.Context) []string {
	if c.eng.Name() != engine.Docker {
		return nil
	}
	api, err := c.eng.Run(ctx, "version", "--format", "{{.Client.APIVersion}}")
	if err != nil || semver.Compare("v"+api, "v1.48") < 0 { // which has no such argument
		return nil
	}
	return []string{"--platform", "linux/" + c.eng.Host().Architecture}
}

// load loads an image onto nodes.
func (c *Cluster) load(ctx context.Context, image nodeimage.Archive, onto []kindnodes.Node) error {
	if len(onto) == 0 {
		return nil
	}
	step := c.log.Step("load the image %s onto %d nodes", image.Ref, len(onto))
	each, ctx := errgroup.WithContext(ctx)
	for _, node := range onto {
		each.Go(func() error {
			archive, err := os.Open(image.Path)
			if err != nil {
				return fmt.Errorf("read the image %s: %w", image.Ref, err)
			}
			defer archive.Close() //nolint:errcheck // it was only read
			return c.loadOnto(ctx, node, image.Ref, archive)
		})
	}
	return step.End(each.Wait())
}

// loadOnto loads an image onto a node, and reads its archive to the end.
func (c *Cluster) loadOnto(ctx context.Context, node kindnodes.Node, ref string, archive io.Reader) error {
	if err := nodeutils.LoadImageArchive(node, archive); err != nil {
		return fmt.Errorf("load the image %s onto %s: %w", ref, node, explain(err))
	}
	if _, err := io.Copy(io.Discard, archive); err != nil {
		return fmt.Errorf("load the image %s onto %s: %w", ref, node, err)
	}
	digest, err := c.imageOn(ctx, node.String(), ref)
	if err == nil && digest == "" {
		err = fmt.Errorf("load the image %s onto %s: its archive does not hold it", ref, node)
	}
	return err
}

// imageOn returns the digest of an image on a node, as containerd lists it; empty if the node does not have it.
func (c *Cluster) imageOn(ctx context.Context, node, ref string) (string, error) {
	list, err := c.listImages(ctx, node)
	return findImage(list, ref), err
}

// listImages returns what containerd says of a node's images.
func (c *Cluster) listImages(ctx context.Context, node string) (string, error) {
	list, err := c.eng.Run(ctx, "exec", node, "ctr", "--namespace=k8s.io", "images", "ls")
	if err != nil {
		return "", fmt.Errorf("list the images on %s: %w", node, err)
	}
	return list, nil
}

// findImage finds the digest of an image in the output of `ctr images ls`: REF, TYPE, DIGEST and more. Containerd lists full
// names.
func findImage(list, ref string) string {
	for line := range strings.SplitSeq(list, "\n") {
		field := strings.Fields(line)
		if len(field) < 3 {
			continue
		}
		if field[0] == ref || field[0] == "docker.io/"+ref || field[0] == "docker.io/library/"+ref {
			return field[2]
		}
	}
	return ""
}
