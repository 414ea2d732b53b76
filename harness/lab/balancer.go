package lab

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

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

// balancer is the load balancer plugin of a run. It is installed at most once, on a cluster that the run creates, after the
// claim that needs its absence has finished its looks.
type balancer struct {
	// allowed is closed when no claim needs the plugin's absence any more.
	allowed chan struct{}
	// allow closes allowed. It may be called several times.
	allow func()

	mu        sync.Mutex
	tried     bool                  // whether its installation was tried; err is the result
	installed *cluster.LoadBalancer // nil unless this run installed it
	err       error
}

func newBalancer() *balancer {
	allowed := make(chan struct{})
	return &balancer{allowed: allowed, allow: sync.OnceFunc(func() { close(allowed) })}
}

// isAllowed returns whether no claim needs the plugin's absence any more.
func (b *balancer) isAllowed() bool {
	select {
	case <-b.allowed:
		return true
	default:
		return false
	}
}

// anyNeeds returns whether a scenario needs one of these.
func anyNeeds(scenarios []suite.Scenario, these ...claim.Need) bool {
	return slices.ContainsFunc(scenarios, func(s suite.Scenario) bool { return s.Asks(these...) })
}

// makeBalancer builds the plugin's images if a chosen scenario may need them. If that fails, only those scenarios are not run.
func (l *Lab) makeBalancer(ctx context.Context, source *nodeimage.Source) (nodeimage.Plugin, error) {
	if !anyNeeds(l.chosen(), claim.LoadBalancer, claim.NoLoadBalancer) {
		return nodeimage.Plugin{}, nil
	}
	plugin, err := source.LoadBalancer(ctx)
	if err != nil {
		why := fmt.Sprintf("the plugin could not be built: %v", err)
		l.lacks[claim.LoadBalancer], l.lacks[claim.NoLoadBalancer] = why, why
	}
	return plugin, ctx.Err()
}

// installBalancer installs the plugin on a cluster that the run created, unless it was tried before. An existing cluster has
// its own plugin: without one, claims that need it are not run.
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

// uninstall removes the plugin if this run has installed it.
func (b *balancer) uninstall(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.installed == nil {
		return nil
	}
	return b.installed.Uninstall(ctx)
}

// probeBalancer finds out whether an existing cluster has a load balancer plugin. A cluster that the run creates has none.
// It makes a Service of type LoadBalancer, which may cost something, only for a claim that has all else that it needs.
func (l *Lab) probeBalancer(ctx context.Context, client kubernetes.Interface) {
	if l.cluster.own {
		return
	}
	// A claim that needs the plugin's absence installs it afterwards, which is done only on a cluster that the run creates.
	l.lacks[claim.NoLoadBalancer] = "noteproof installs a load balancer plugin only on a cluster that it creates"
	if !slices.ContainsFunc(l.chosen(), func(s suite.Scenario) bool {
		return slices.Contains(s.Needs, claim.LoadBalancer) && l.missing(s) == ""
	}) {
		return
	}
	ingress, err := l.probeIngress(ctx, client)
	switch {
	case err != nil:
		l.lacks[claim.LoadBalancer] = fmt.Sprintf("whether the cluster has a plugin could not be found out: %v", err)
	case len(ingress) == 0:
		l.lacks[claim.LoadBalancer] = fmt.Sprintf("a Service of type LoadBalancer got no address within %s, "+
			"and noteproof installs a plugin only on a cluster that it creates", l.settings.timeouts.Stay)
	case !slices.ContainsFunc(ingress, func(i corev1.LoadBalancerIngress) bool { return i.IP != "" }):
		l.lacks[claim.LoadBalancer] = fmt.Sprintf("a Service of type LoadBalancer got the hostname %s and no IP", ingress[0].Hostname)
		fallthrough
	default:
		l.lacks[claim.NoLoadBalancer] = "a Service of type LoadBalancer gets an address: the cluster has a plugin already"
	}
}

// orderWithin is how long a plugin that has begun to work on a Service may take until the Service has an address: a cloud takes minutes.
const orderWithin = 5 * time.Minute

// balancerFinalizer is what plugins that order something put on a Service first (k8s.io/cloud-provider/service/helpers).
const balancerFinalizer = "service.kubernetes.io/load-balancer-cleanup"

// probeIngress creates a Service of type LoadBalancer and returns the addresses that it gets within Timeouts.Stay, or within minutes if
// a plugin shows that it works on it; none if the cluster has no plugin.
func (l *Lab) probeIngress(ctx context.Context, client kubernetes.Interface) (ingress []corev1.LoadBalancerIngress, err error) {
	namespace, err := stage.Open(ctx, stage.Options{
		Claim: "probe.load-balancer", Run: l.id, Client: client, Within: 2 * l.settings.timeouts.Cleanup, Hanging: l.hanging != "",
	})
	defer func() {
		ctx, cancel := context.WithTimeout(l.cleaning, l.settings.timeouts.Cleanup)
		defer cancel()
		if left := namespace.Close(ctx); left != nil {
			l.failRun(left)
		}
	}()
	if err != nil {
		return nil, err
	}
	services := client.CoreV1().Services(namespace.Namespace)
	wanted := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "probe"},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Port: 80}}},
	}
	if _, err := services.Create(ctx, wanted, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("create a Service of type LoadBalancer: %w", err)
	}
	p := l.settings.timeouts
	began, told := time.Now(), false
	err = wait.PollUntilContextTimeout(ctx, p.Poll, orderWithin, true, func(ctx context.Context) (bool, error) {
		service, err := services.Get(ctx, wanted.Name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		ingress = service.Status.LoadBalancer.Ingress
		switch {
		case len(ingress) > 0:
			return true, nil
		case time.Since(began) < p.Stay:
			return false, nil
		case slices.Contains(service.Finalizers, balancerFinalizer) && !told:
			told = true
			l.log.Say("   wait for the address of a Service of type LoadBalancer, which the cluster's plugin has begun to make")
		}
		return !told, nil
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		err = nil // the window is over
	}
	return ingress, err
}
