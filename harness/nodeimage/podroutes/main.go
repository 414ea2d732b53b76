// Podroutes is the Pod network between the nodes of a noteproof node image. On each node it keeps one route per other
// node, to that node's Pod CIDR via its address, and masquerades what the node's Pods send beyond the cluster. It
// follows the Node objects: a node that is gone loses its route, one that came back with another address gets another.
//
// It ends with an error when it cannot do its work; its DaemonSet starts it again.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const (
	// protocol marks the kernel routes that are ours; the kernel leaves numbers from 64 on to anyone.
	protocol netlink.RouteProtocol = 78
	// repair is how often routes are put right although no node has changed.
	repair = 30 * time.Second
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
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	nodes, changed, err := watch(ctx, client)
	if err != nil {
		return err
	}
	own := &network{self: self}
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

// watch lists the nodes, and tells of changes from then on.
func watch(ctx context.Context, client kubernetes.Interface) (corelisters.NodeLister, <-chan struct{}, error) {
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Core().V1().Nodes()
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default: // it is told already
		}
	}
	_, err := informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { tell() },
		UpdateFunc: func(any, any) { tell() },
		DeleteFunc: func(any) { tell() },
	})
	if err != nil {
		return nil, nil, err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.Informer().HasSynced) {
		return nil, nil, ctx.Err()
	}
	return informer.Lister(), changed, nil
}

// network is the part of a node's network that is ours.
type network struct {
	self   string
	masked string // the nft script that was applied last
}

// keep makes the node's network what the Node objects ask for.
func (n *network) keep(ctx context.Context, lister corelisters.NodeLister) error {
	nodes, err := lister.List(labels.Everything())
	if err != nil {
		return err
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
	script := masquerade(nodes, n.self)
	if script == n.masked {
		return nil
	}
	if err := nft(ctx, script); err != nil {
		return err
	}
	n.masked = script
	slog.Info("masquerading set", "rules", script)
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
