package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/probe"
)

// Outside is a machine on the nodes' network that is not part of the cluster: a container that knows the way to the
// nodes and, its default route deleted, to nowhere else. What it sends to a Pod's address does not leave this machine.
type Outside struct {
	// Address is its own on the nodes' network.
	Address string

	eng   *engine.Engine
	name  string
	lease *lease // keeps Sweep away beside an adopted cluster; nil beside one of ours, whose own lease does
}

// Outside starts a machine of this image next to the nodes, which must be containers of the engine; an image without a
// path must be known to the engine, or to a registry. The caller ends with Remove.
func (c *Cluster) Outside(ctx context.Context, eng *engine.Engine, image nodeimage.Archive) (*Outside, error) {
	network, err := c.nodeNetwork(ctx, eng)
	if err != nil {
		return nil, err
	}
	if err := haveImage(ctx, eng, image); err != nil {
		return nil, err
	}
	o := &Outside{eng: eng, name: c.spec.Name + "-outside"}
	owner := c.spec.Name
	if c.adopted {
		o.name = Prefix + "outside-" + rand.String(5)
		owner = o.name
		err = o.hold()
	} else {
		err = o.Remove(ctx) // an earlier run's, which could not
	}
	if err != nil {
		return nil, err
	}
	if err := o.start(ctx, owner, network, image.Ref); err != nil {
		cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanedWithin)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("start a machine outside of the cluster: %w", err), o.Remove(cleaning))
	}
	return o, nil
}

// nodeNetwork is the engine's network on which a node of the cluster has the address that the cluster knows it by.
func (c *Cluster) nodeNetwork(ctx context.Context, eng *engine.Engine) (string, error) {
	client, err := c.client()
	if err != nil {
		return "", err
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", fmt.Errorf("list nodes: %w", err)
	}
	var errs []error
	for _, node := range nodes.Items {
		networks, err := networksOf(ctx, eng, node.Name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if network := networkWith(networks, node); network != "" {
			return network, nil
		}
	}
	return "", fmt.Errorf("no node of the cluster %s is a container of %s here: %w", c.Name(), eng.Name(), errors.Join(errs...))
}

func networkWith(networks map[string]string, node corev1.Node) string {
	for network, address := range networks {
		if address != "" && address == internalAddress(node) {
			return network
		}
	}
	return ""
}

// networksOf are the networks to which a container is attached, with its address on each.
func networksOf(ctx context.Context, eng *engine.Engine, name string) (map[string]string, error) {
	text, err := eng.Run(ctx, "inspect", "--type", "container", name)
	if err != nil {
		return nil, fmt.Errorf("inspect the container %s: %w", name, err)
	}
	return parseNetworks(text)
}

func parseNetworks(text string) (map[string]string, error) {
	var said []struct {
		NetworkSettings struct {
			Networks map[string]struct{ IPAddress string }
		}
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil || len(said) != 1 {
		return nil, fmt.Errorf("read what the engine says of a container's networks: %q: %w", text, err)
	}
	addresses := map[string]string{}
	for network, settings := range said[0].NetworkSettings.Networks {
		addresses[network] = settings.IPAddress
	}
	return addresses, nil
}

// haveImage brings the workload image to the engine, which needs it for this machine alone: nodes have their own store.
func haveImage(ctx context.Context, eng *engine.Engine, image nodeimage.Archive) error {
	if _, err := imageID(ctx, eng, image.Ref); err == nil || image.Path == "" {
		return nil
	}
	if _, err := eng.Run(ctx, "load", "--input", image.Path); err != nil {
		return fmt.Errorf("load the image %s: %w", image.Ref, err)
	}
	return nil
}

// hold keeps the runs of others from sweeping the machine away while this process lives.
func (o *Outside) hold() error {
	dir, err := stateDir()
	if err != nil {
		return err
	}
	lease, free, err := tryTake(dir, o.name)
	if err == nil && !free {
		err = fmt.Errorf("the name %s belongs to %s", o.name, lease.read())
	}
	o.lease = lease
	return err
}

// cutOff deletes every route that leaves the network, and prints what is left of them.
const cutOff = `
while ip route del default; do :; done
while ip -6 route del default; do :; done
ip route show default
ip -6 route show default`

func (o *Outside) start(ctx context.Context, owner, network, image string) error {
	_, err := o.eng.Run(ctx, "run", "--detach", "--name", o.name, "--hostname", "outside", "--label", Label+"="+owner,
		"--network", network, "--cap-add", "NET_ADMIN", image, "pause")
	if err != nil {
		return err
	}
	out, err := o.Run(ctx, "sh", "-c", cutOff)
	if err != nil {
		return fmt.Errorf("delete its default route: %w", err)
	}
	if out.Stdout != "" {
		return fmt.Errorf("it keeps a route that leaves this machine: %s", out)
	}
	networks, err := networksOf(ctx, o.eng, o.name)
	o.Address = networks[network]
	return err
}

// Run runs a command on the machine. A command that fails is no error: its exit code is in the Output.
func (o *Outside) Run(ctx context.Context, command ...string) (probe.Output, error) {
	return execIn(ctx, o.eng, o.name, command...)
}

// execIn runs a command in a container of the engine.
func execIn(ctx context.Context, eng *engine.Engine, name string, command ...string) (probe.Output, error) {
	var stdout, stderr bytes.Buffer
	cmd := eng.Command(ctx, append([]string{"exec", name}, command...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	out := probe.Output{Stdout: stdout.String(), Stderr: stderr.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) && ctx.Err() == nil && !engineFailed(exit.ExitCode(), out.Stderr) {
		out.ExitCode, err = exit.ExitCode(), nil
	}
	if err != nil {
		err = fmt.Errorf("in the container %s: %w: %s", name, err, engine.Tail(out.Stderr, tailLines))
	}
	return out, err
}

// engineFailed says whether an exit code is the engine's own rather than the command's: 125, or docker's 1 for a
// container that does not run (docs.docker.com/reference/cli/docker/container/exec).
func engineFailed(code int, stderr string) bool {
	return code < 0 || code == 125 || strings.HasPrefix(stderr, "Error response from daemon:")
}

// Remove removes the machine. Removing it again, or when it was never started, is fine.
func (o *Outside) Remove(ctx context.Context) error {
	_, err := o.eng.Run(ctx, "rm", "--force", "--volumes", o.name)
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "no such container") {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("remove the machine outside of the cluster: %w", err)
	}
	if o.lease != nil { // nobody else ever takes this name
		err = errors.Join(err, os.Remove(o.lease.path), o.lease.release())
	}
	return err
}
