package breaks

import (
	"context"
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// routePriority is the priority of the rules that hide a route: after the local routing table, and before the main one.
const routePriority = "78"

// WithoutRoute hides on one worker the route to the Pods of another, both counted from 1 in the order of names. It adds a policy
// rule, which the kernel evaluates before the routing table, so a network plugin that restores the route has no effect. The rule
// makes the destination unreachable: if the route were only missing, packets would take the default route.
func WithoutRoute(from, to int) Disturbance {
	return disturbance(fmt.Sprintf("no-route-from-worker-%d-to-%d", from, to), fmt.Sprintf("hides on worker %d the route to the Pods of worker %d", from, to),
		func(ctx context.Context, c *change) error {
			on, err := c.worker(ctx, from)
			if err != nil {
				return err
			}
			other, err := c.worker(ctx, to)
			if err != nil {
				return err
			}
			node, err := c.client.CoreV1().Nodes().Get(ctx, other, metav1.GetOptions{})
			if err != nil {
				return fmt.Errorf("find the Pod CIDRs of %s: %w", other, err)
			}
			pods, err := podNetworks(*node)
			if err != nil {
				return err
			}
			for _, network := range pods {
				if err := c.hideRoute(ctx, on, network); err != nil {
					return err
				}
			}
			return nil
		})
}

// podNetworks returns the Pod CIDRs of a node.
func podNetworks(node corev1.Node) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range node.Spec.PodCIDRs {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("read a Pod CIDR of %s: %w", node.Name, err)
		}
		networks = append(networks, network)
	}
	if len(networks) == 0 {
		return nil, fmt.Errorf("node %s has no Pod CIDR", node.Name)
	}
	return networks, nil
}

func (c *change) hideRoute(ctx context.Context, node string, network netip.Prefix) error {
	family := "-4"
	if network.Addr().Is6() {
		family = "-6"
	}
	// If there were no route before, the check below would show nothing.
	if err := c.awaitRoute(ctx, node, family, network, true); err != nil {
		return err
	}
	c.onUndo(func(ctx context.Context) error {
		const remove = `while ip "$1" rule show priority "$2" | grep --quiet .; do ip "$1" rule del priority "$2"; done`
		if _, err := c.script(ctx, node, remove, family, routePriority); err != nil {
			return err
		}
		return c.awaitRoute(ctx, node, family, network, true)
	})
	if _, err := c.run(ctx, node, "ip", family, "rule", "add", "unreachable", "to", network.String(), "priority", routePriority); err != nil {
		return err
	}
	return c.awaitRoute(ctx, node, family, network, false)
}

// awaitRoute waits until a node has a route to a network, or until it has none.
func (c *change) awaitRoute(ctx context.Context, node, family string, network netip.Prefix, wanted bool) error {
	what := fmt.Sprintf("node %s has a route to %s: %t", node, network, wanted)
	return await(ctx, what, rulesWithin, func(ctx context.Context) (string, error) {
		out, err := c.OnNode(ctx, node, "ip", family, "route", "get", network.Addr().Next().String())
		if err != nil || (out.ExitCode == 0) == wanted {
			return "", err
		}
		return out.String(), nil
	})
}
