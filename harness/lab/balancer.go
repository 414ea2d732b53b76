package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/suite"
)

// balancer is the load balancer plugin of a run. On a cluster of our own it comes once, and not before the claim that
// needs its absence has seen what it came to see.
type balancer struct {
	// allowed is closed when no claim needs the plugin's absence any more.
	allowed chan struct{}
	// allow closes allowed; calling it again is fine.
	allow func()

	mu        sync.Mutex
	tried     bool
	installed *cluster.LoadBalancer // nil until it was tried
	err       error
}

func newBalancer() *balancer {
	allowed := make(chan struct{})
	return &balancer{allowed: allowed, allow: sync.OnceFunc(func() { close(allowed) })}
}

// anyNeeds says whether one of the scenarios needs one of these.
func anyNeeds(scenarios []suite.Scenario, these ...claim.Need) bool {
	return slices.ContainsFunc(scenarios, func(one suite.Scenario) bool { return one.Asks(these...) })
}

// byBalancer orders scenarios: first the one that needs the plugin's absence, last those that need the plugin. So those
// wait for one that has been started, and nothing waits behind them.
func byBalancer(a, b suite.Scenario) int {
	turn := func(one suite.Scenario) int {
		switch {
		case one.Asks(claim.NoLoadBalancer):
			return 0
		case one.Asks(claim.LoadBalancer):
			return 2
		default:
			return 1
		}
	}
	return turn(a) - turn(b)
}

// makeBalancer makes the plugin's images if a chosen scenario may come to need them. Where that fails, only those scenarios
// are not run.
func (l *Lab) makeBalancer(ctx context.Context, source *nodeimage.Source) (nodeimage.Plugin, error) {
	if !anyNeeds(l.chosen(), claim.LoadBalancer, claim.NoLoadBalancer) {
		return nodeimage.Plugin{}, nil
	}
	plugin, err := source.LoadBalancer(ctx)
	if err != nil {
		why := fmt.Sprintf("the plugin could not be made: %v", err)
		l.lacks[claim.LoadBalancer], l.lacks[claim.NoLoadBalancer] = why, why
	}
	return plugin, ctx.Err()
}

// installBalancer sees to it that the cluster has the plugin. One that others made has its own, or no claim that needs
// one comes so far.
func (l *Lab) installBalancer(ctx context.Context) error {
	b := l.balancer
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.cluster.own && !b.tried {
		b.tried = true
		b.installed, b.err = l.cluster.InstallLoadBalancer(ctx, l.cluster.plugin)
	}
	return b.err
}

// uninstallBalancer takes the plugin away again if this run has installed it.
func (l *Lab) uninstallBalancer(ctx context.Context) error {
	l.balancer.mu.Lock()
	defer l.balancer.mu.Unlock()
	if l.balancer.installed == nil {
		return nil
	}
	return l.balancer.installed.Uninstall(ctx)
}

// probeBalancer finds out whether a cluster that others made has a load balancer plugin. One of our own comes without.
func (l *Lab) probeBalancer(ctx context.Context, client kubernetes.Interface) error {
	if l.cluster.own || !anyNeeds(l.chosen(), claim.LoadBalancer, claim.NoLoadBalancer) {
		return nil
	}
	given, err := l.givesAddress(ctx, client)
	if err != nil {
		return fmt.Errorf("find out whether the cluster has a load balancer plugin: %w", err)
	}
	// Whoever needs the plugin's absence installs it afterwards, and that is done on a cluster of our own alone.
	l.lacks[claim.NoLoadBalancer] = "only on a cluster of its own does noteproof install a load balancer plugin"
	switch {
	case len(given) == 0:
		l.lacks[claim.LoadBalancer] = fmt.Sprintf("a Service of type LoadBalancer was given no address within %s, "+
			"and only on a cluster of its own does noteproof install a plugin", l.settings.timeouts.Stay)
	case !slices.ContainsFunc(given, func(i corev1.LoadBalancerIngress) bool { return i.IP != "" }):
		l.lacks[claim.LoadBalancer] = fmt.Sprintf("a Service of type LoadBalancer was given the name %s and no IP", given[0].Hostname)
		fallthrough
	default:
		l.lacks[claim.NoLoadBalancer] = "a Service of type LoadBalancer is given an address: a plugin is there already"
	}
	return nil
}

// givesAddress makes a Service of type LoadBalancer, and returns the addresses that it is given; none when no plugin
// gives any within the declared window.
func (l *Lab) givesAddress(ctx context.Context, client kubernetes.Interface) (given []corev1.LoadBalancerIngress, err error) {
	there, err := stage.Open(ctx, stage.Options{Claim: "probe.load-balancer", Run: l.id, Client: client})
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.settings.timeouts.Cleanup)
		defer cancel()
		err = errors.Join(err, there.Close(ctx))
	}()
	if err != nil {
		return nil, err
	}
	services := client.CoreV1().Services(there.Namespace)
	wanted := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "probe"},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Port: 80}}},
	}
	if _, err := services.Create(ctx, wanted, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("create a Service of type LoadBalancer: %w", err)
	}
	p := l.settings.timeouts
	err = wait.PollUntilContextTimeout(ctx, p.Poll, p.Stay, true, func(ctx context.Context) (bool, error) {
		service, err := services.Get(ctx, wanted.Name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		given = service.Status.LoadBalancer.Ingress
		return len(given) > 0, nil
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		err = nil // the window is over
	}
	return given, err
}
