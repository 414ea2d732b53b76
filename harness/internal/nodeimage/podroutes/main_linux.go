// Podroutes is the Pod network of a noteproof node image. On each node it keeps one route per other node, to that node's
// Pod CIDR via its address; it masquerades what the node's Pods send beyond the cluster, and lets nothing leave the node
// that is meant for a Service. It follows the Node objects: a node that is gone loses its route, one that came back with
// another address gets another.
//
// When all this is in place it writes the node's CNI configuration, so no Pod has a network before it works, and the
// node is not Ready.
//
// It ends with an error when it cannot do its work; its DaemonSet starts it again.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const (
	// protocol marks the kernel routes that are ours; the kernel leaves numbers from 64 on to anyone.
	protocol netlink.RouteProtocol = 78
	// repair is how often routes are put right although no node has changed.
	repair = 30 * time.Second
	// cniPath is where containerd looks for the node's CNI configuration.
	cniPath = "/etc/cni/net.d/10-podroutes.conflist"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv("NODE_NAME")); err != nil && !errors.Is(err, context.Canceled) {
		slog.Error("cannot keep the Pod network", "error", err)
		os.Exit(1)
	}
}

// run keeps the routes of the node called self until ctx ends.
func run(ctx context.Context, self string) error {
	if self == "" {
		return errors.New("NODE_NAME is not set: the DaemonSet sets it to spec.nodeName")
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	if endpoint := os.Getenv("CONTROL_PLANE_ENDPOINT"); endpoint != "" { // kind sets it, in the manifest
		config.Host = "https://" + endpoint
	}
	client, err := coreClient(config)
	if err != nil {
		return err
	}
	services, err := findServices(ctx, client)
	if err != nil {
		return err
	}
	nodes, changed, err := watch(ctx, client)
	if err != nil {
		return err
	}
	own := &network{self: self, services: services}
	tick := time.NewTicker(repair)
	defer tick.Stop()
	for {
		if err := own.keep(ctx, nodes); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-tick.C:
		}
	}
}

// coreClient returns a client of the core API alone: the clients of all API groups would take a minute to compile.
func coreClient(config *rest.Config) (*rest.RESTClient, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	config.APIPath, config.GroupVersion = "/api", &corev1.SchemeGroupVersion
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	return rest.RESTClientFor(config)
}

// findServices asks for the subnets of Services.
func findServices(ctx context.Context, client rest.Interface) ([]netip.Prefix, error) {
	config := &corev1.ConfigMap{}
	err := client.Get().Namespace(metav1.NamespaceSystem).Resource("configmaps").Name("kubeadm-config").Do(ctx).Into(config)
	if err != nil {
		return nil, fmt.Errorf("find the Service subnet: %w", err)
	}
	return serviceSubnets(config.Data["ClusterConfiguration"])
}

// watch lists the nodes, and tells of changes from then on.
func watch(ctx context.Context, client rest.Interface) (cache.Store, <-chan struct{}, error) {
	all := cache.NewListWatchFromClient(client, "nodes", metav1.NamespaceAll, fields.Everything())
	informer := cache.NewSharedInformer(all, &corev1.Node{}, 0)
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default: // it is told already
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { tell() },
		UpdateFunc: func(any, any) { tell() },
		DeleteFunc: func(any) { tell() },
	})
	if err != nil {
		return nil, nil, err
	}
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return nil, nil, ctx.Err()
	}
	return informer.GetStore(), changed, nil
}

// network is the part of a node's network that is ours.
type network struct {
	self     string
	services []netip.Prefix
	firewall string // the nft script that was applied last
}

// keep makes the node's network what the Node objects ask for.
func (n *network) keep(ctx context.Context, store cache.Store) error {
	var nodes []*corev1.Node
	for _, object := range store.List() {
		nodes = append(nodes, object.(*corev1.Node)) //nolint:forcetypeassert // the store has only these
	}
	have, err := kernelRoutes()
	if err != nil {
		return fmt.Errorf("list routes: %w", err)
	}
	replace, remove := changes(have, wanted(nodes, n.self))
	for _, r := range replace {
		if err := netlink.RouteReplace(kernelRoute(r)); err != nil {
			return fmt.Errorf("set route %s: %w", r, err)
		}
		slog.Info("route set", "route", r.String())
	}
	for _, r := range remove {
		if err := netlink.RouteDel(kernelRoute(r)); err != nil {
			return fmt.Errorf("remove route %s: %w", r, err)
		}
		slog.Info("route removed", "route", r.String())
	}
	script := firewall(nodes, n.self, n.services)
	if script != n.firewall {
		if err := nft(ctx, script); err != nil {
			return err
		}
		n.firewall = script
		slog.Info("firewall set", "rules", script)
	}
	return n.announce(nodes)
}

// announce writes the CNI configuration, from which on the node is Ready. Before the node has a Pod CIDR there is none.
func (n *network) announce(nodes []*corev1.Node) error {
	i := slices.IndexFunc(nodes, func(node *corev1.Node) bool { return node.Name == n.self })
	if i < 0 || len(podCIDRs(nodes[i])) == 0 {
		return nil
	}
	config, err := cniConfig(podCIDRs(nodes[i]))
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(cniPath); err == nil && bytes.Equal(old, config) {
		return nil
	}
	half := cniPath + ".half" // containerd reads no file of that suffix
	if err := os.WriteFile(half, config, 0o644); err != nil {
		return err
	}
	if err := os.Rename(half, cniPath); err != nil {
		return err
	}
	slog.Info("CNI configuration written", "path", cniPath)
	return nil
}

func nft(ctx context.Context, script string) error {
	cmd := exec.CommandContext(ctx, "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft -f -: %w\n%s\nthe script was:\n%s", err, out, script)
	}
	return nil
}

// kernelRoutes are the routes that we made, in this life or an earlier one.
func kernelRoutes() ([]route, error) {
	found, err := netlink.RouteListFiltered(netlink.FAMILY_ALL, &netlink.Route{Protocol: protocol}, netlink.RT_FILTER_PROTOCOL)
	if err != nil {
		return nil, err
	}
	var routes []route
	for _, r := range found {
		to, ok := prefix(r.Dst)
		via, ok2 := netip.AddrFromSlice(r.Gw)
		if ok && ok2 {
			routes = append(routes, route{to, via.Unmap()})
		}
	}
	return routes, nil
}

func prefix(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	addr, ok := netip.AddrFromSlice(n.IP)
	bits, _ := n.Mask.Size()
	return netip.PrefixFrom(addr.Unmap(), bits), ok
}

func kernelRoute(r route) *netlink.Route {
	return &netlink.Route{
		Dst:      &net.IPNet{IP: r.To.Addr().AsSlice(), Mask: net.CIDRMask(r.To.Bits(), r.To.Addr().BitLen())},
		Gw:       r.Via.AsSlice(),
		Protocol: protocol,
	}
}
