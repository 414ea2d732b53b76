package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"os/exec"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/probe"
)

// Outside is a container on the nodes' network that is not part of the cluster. It has no default route, so it reaches only
// that network: packets that it sends to a Pod's address do not leave this machine.
type Outside struct {
	// Address is the container's address on the nodes' network, of the family of the nodes' addresses.
	Address string

	eng   *engine.Engine
	name  string
	lease *lease // the container itself, which ends with this process
}

// Outside starts a container of this image on the nodes' network. The nodes must be containers of the engine. An image without
// a path must be known to the engine or to a registry. The caller must call Remove.
func (c *Cluster) Outside(ctx context.Context, eng *engine.Engine, image nodeimage.Archive) (*Outside, error) {
	network, family, err := c.nodeNetwork(ctx, eng)
	if err != nil {
		return nil, err
	}
	if err := loadIntoEngine(ctx, eng, image); err != nil {
		return nil, err
	}
	o := &Outside{eng: eng, name: c.spec.Name + "-outside"}
	owner := c.spec.Name
	if c.adopted {
		o.name = Prefix + "outside-" + rand.String(5)
		owner = o.name
	}
	if err := o.start(ctx, owner, network, family, image.Ref); err != nil {
		cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("start a container outside of the cluster: %w", err), o.Remove(cleaning))
	}
	return o, nil
}

// nodeNetwork returns the engine's network on which a node has the address that the cluster reports for it, and the family of
// that address.
func (c *Cluster) nodeNetwork(ctx context.Context, eng *engine.Engine) (network string, of family, err error) {
	client, err := c.client()
	if err != nil {
		return "", of, err
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", of, fmt.Errorf("list nodes: %w", err)
	}
	var errs []error
	for _, node := range nodes.Items {
		networks, err := networksOf(ctx, eng, node.Name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if network, of := networkWith(networks, node); network != "" {
			if err := sameMachine(ctx, eng, node); err != nil {
				errs = append(errs, err)
				continue
			}
			return network, of, nil
		}
		errs = append(errs, fmt.Errorf("the container %s does not have the node's address %s", node.Name, InternalAddress(node)))
	}
	return "", of, fmt.Errorf("no node of the cluster %s is a container of %s on this machine: %w", c.Name(), eng.Name(), errors.Join(errs...))
}

// BootIDFile holds an ID of the running kernel, which all containers of a machine share, and which kubelets report for their nodes.
const BootIDFile = "/proc/sys/kernel/random/boot_id"

// sameMachine returns an error if the container with a node's name runs on another machine than the node. Clusters of kind on two
// machines usually have the same names and addresses.
func sameMachine(ctx context.Context, eng *engine.Engine, node corev1.Node) error {
	id, err := eng.Run(ctx, "exec", node.Name, "cat", BootIDFile)
	if err != nil {
		return fmt.Errorf("find out whether the container %s is the node: %w", node.Name, err)
	}
	if strings.TrimSpace(id) != node.Status.NodeInfo.BootID {
		return fmt.Errorf("the container %s is not the node of the cluster, which is on another machine: their boot IDs differ", node.Name)
	}
	return nil
}

// family is a family of addresses.
type family int

const (
	ipv4 family = iota
	ipv6
	families
)

// addresses are a container's addresses on a network, one of each family; empty where it has none.
type addresses [families]string

// networkWith returns the network on which a container has the node's address; empty if there is none.
func networkWith(networks map[string]addresses, node corev1.Node) (string, family) {
	want := InternalAddress(node)
	if want == "" {
		return "", ipv4
	}
	for network, has := range networks {
		if i := slices.Index(has[:], want); i >= 0 {
			return network, family(i)
		}
	}
	return "", ipv4
}

// networksOf returns a container's addresses on each network to which it is attached.
func networksOf(ctx context.Context, eng *engine.Engine, name string) (map[string]addresses, error) {
	text, err := eng.Run(ctx, "inspect", "--type", "container", name)
	if err != nil {
		return nil, fmt.Errorf("inspect the container %s: %w", name, err)
	}
	return parseNetworks(text)
}

func parseNetworks(text string) (map[string]addresses, error) {
	var inspected []struct {
		Config          struct{ Labels map[string]string }
		NetworkSettings struct {
			Networks map[string]struct{ IPAddress, GlobalIPv6Address string }
		}
	}
	if err := json.Unmarshal([]byte(text), &inspected); err != nil {
		return nil, fmt.Errorf("parse the engine's output on a container's networks: %q: %w", text, err)
	}
	if len(inspected) != 1 {
		return nil, fmt.Errorf("parse the engine's output on a container's networks: %q: want one container", text)
	}
	networks := map[string]addresses{}
	for network, settings := range inspected[0].NetworkSettings.Networks {
		networks[networkName(network, inspected[0].Config.Labels)] = addresses{ipv4: settings.IPAddress, ipv6: settings.GlobalIPv6Address}
	}
	return networks, nil
}

// loadIntoEngine loads the workload image into the engine, which needs it only for this container: nodes have their own store.
func loadIntoEngine(ctx context.Context, eng *engine.Engine, image nodeimage.Archive) error {
	if _, err := imageID(ctx, eng, image.Ref); err == nil || image.Path == "" {
		return nil
	}
	if _, err := eng.Run(ctx, "load", "--input", image.Path); err != nil {
		return fmt.Errorf("load the image %s: %w", image.Ref, err)
	}
	return nil
}

// deleteDefaultRoutes deletes all default routes and prints those that are left.
const deleteDefaultRoutes = `
while ip route del default; do :; done
while ip -6 route del default; do :; done
ip route show | grep -w default
ip -6 route show | grep -w default
true`

func (o *Outside) start(ctx context.Context, owner, network string, of family, image string) error {
	args := append([]string{"--hostname", "outside", "--label", Label + "=" + owner, "--network", network, "--cap-add", "NET_ADMIN"}, noProxy()...)
	var err error
	if o.lease, err = startLease(ctx, o.eng, o.name, o.name, append(args, "--entrypoint", "sh", image, "-c", "echo; while read -r beat; do :; done")...); err != nil {
		return err
	}
	out, err := o.Run(ctx, "sh", "-c", deleteDefaultRoutes)
	if err != nil {
		return fmt.Errorf("delete its default route: %w", err)
	}
	if out.Stdout != "" {
		return fmt.Errorf("it still has a default route: %s", out)
	}
	networks, err := networksOf(ctx, o.eng, o.name)
	o.Address = networks[network][of]
	return err
}

// Run runs a command in the container. A command that fails is not an error: its exit code is in the Output.
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
	if errors.As(err, &exit) && ctx.Err() == nil {
		code, stderr, ran := commandExit(eng.Name(), exit.ExitCode(), out.Stderr)
		if ran {
			out.ExitCode, out.Stderr, err = code, stderr, nil
		}
	}
	if err != nil {
		err = fmt.Errorf("in the container %s: %w: %s", name, err, engine.Tail(out.Stderr, tailLines))
	}
	return out, err
}

// commandExit returns the exit code and the standard error of a command that an engine ran, and false if the engine itself failed.
func commandExit(engineName string, code int, stderr string) (int, string, bool) {
	if engineName == engine.Nerdctl {
		return nerdctlExit(stderr)
	}
	return code, stderr, !engineFailed(code, stderr)
}

// engineFailed reports whether an exit code is the engine's own rather than the command's: 125, or docker's 1 for a
// container that is not running (docs.docker.com/reference/cli/docker/container/exec).
func engineFailed(code int, stderr string) bool {
	return code < 0 || code == 125 || strings.HasPrefix(stderr, "Error response from daemon:")
}

// Remove removes the container. It succeeds if the container does not exist.
func (o *Outside) Remove(ctx context.Context) error {
	err := removeContainer(ctx, o.eng, o.name)
	if o.lease != nil {
		err = errors.Join(err, o.lease.release())
	}
	return err
}
