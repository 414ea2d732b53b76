package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/stage"
)

// workers is how many workers a cluster of our own has.
const workers = 2

// publicWorkload is the image that Kubernetes' own tests use, for clusters that can reach its registry.
const publicWorkload = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"

// acquired is a cluster for the time of a run.
type acquired struct {
	*cluster.Cluster
	image   string           // the workload image on its nodes
	archive string           // the file that holds this image; empty when others brought it
	own     bool             // made by us, so that it may be changed and broken
	outside *cluster.Outside // nil until a chosen scenario needs it
	plugin  nodeimage.Plugin // a load balancer, to be installed on a cluster of our own
	// release gives the cluster up. One that is not what it was before the run is not kept.
	release func(ctx context.Context, broken bool) error
}

// acquire brings the cluster that the settings ask for: an existing one, or a kind cluster of our own.
func (l *Lab) acquire(ctx context.Context) (*acquired, error) {
	if l.settings.kubeconfig != "" {
		return l.adopt(ctx)
	}
	source := &nodeimage.Source{Cache: l.settings.cache, Log: l.log}
	l.wanted = l.settings.version // should it not be found out which one exactly is meant
	if _, err := claim.ParseVersion(l.wanted); err == nil {
		l.wanted = "v" + strings.TrimPrefix(l.wanted, "v")
	}
	version, err := source.Resolve(ctx, l.settings.version)
	if err != nil {
		return nil, err
	}
	l.wanted = version
	e, err := l.engine(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.Activate(); err != nil {
		return nil, err
	}
	l.log.Say("   %s %s", e.Name(), e.Version())
	for _, a := range e.Adaptations() {
		l.log.Say("   this host: %s; so: %s", a.Found, a.Did)
	}
	if err := cluster.Sweep(ctx, e, l.log); err != nil {
		return nil, fmt.Errorf("remove what an earlier run left: %w", err)
	}
	source.Engine = e
	image, err := source.Node(ctx, version)
	if err != nil {
		return nil, err
	}
	workload, err := source.Workload(ctx)
	if err != nil {
		return nil, err
	}
	plugin, err := l.makeBalancer(ctx, source)
	if err != nil {
		return nil, err
	}
	name := "noteproof-" + strings.ReplaceAll(version, ".", "-")
	up, err := cluster.Up(ctx, e, l.log, cluster.Spec{
		Name: name, Version: version, Image: image, Workload: workload, Images: l.suite.Images, Workers: workers,
		Kubeconfig: filepath.Join(l.settings.cache, "kubeconfig", name), Reuse: true,
	})
	if err != nil {
		return nil, err
	}
	mine := &acquired{Cluster: up, own: true, image: workload.Ref, archive: workload.Path, plugin: plugin}
	mine.release = func(ctx context.Context, broken bool) error {
		switch {
		case !l.settings.keep:
			return up.Down(ctx)
		case broken:
			l.log.Say("!  the cluster is not kept, since it is not what it was before the run")
			return up.Down(ctx)
		}
		l.log.Say("   the cluster is kept; use it: kubectl --kubeconfig %s get pods -A; remove it: make clean", up.Kubeconfig())
		return up.Keep()
	}
	return mine, nil
}

// engine is the container engine that works here.
func (l *Lab) engine(ctx context.Context) (*engine.Engine, error) {
	return engine.Detect(ctx, engine.Options{Name: l.settings.engine, Dir: filepath.Join(l.settings.cache, "engine")})
}

func (l *Lab) adopt(ctx context.Context) (*acquired, error) {
	adopted, err := cluster.Adopt(ctx, l.settings.kubeconfig, l.config.KubeContext())
	if err != nil {
		return nil, err
	}
	image := l.settings.image
	if image == "" {
		image = publicWorkload
	}
	return &acquired{Cluster: adopted, image: image, release: func(context.Context, bool) error { return nil }}, nil
}

// examine finds out what the cluster is, as it says itself, and which names its manifests are given.
func (l *Lab) examine(ctx context.Context) (evidence.Environment, string, error) {
	environment, version, err := l.cluster.Environment(ctx)
	if err != nil {
		return environment, "", err
	}
	environment.WorkloadImage = cmp.Or(environment.WorkloadImage, l.cluster.image) // on another's cluster it is not on the nodes yet
	if l.rest, err = l.cluster.RESTConfig(); err != nil {
		return environment, version, err
	}
	l.props = stage.Props{Image: l.cluster.image}
	if l.props.Workers, l.props.Hostnames, err = l.schedulable(ctx); err != nil {
		return environment, version, err
	}
	return environment, version, l.probeAbilities(ctx)
}

// justJoined is how old a node may be that is waited for when it is not ready. An older one has a trouble of its own.
const justJoined = 5 * time.Minute

// schedulable names the nodes on which any Pod may run, in the API server's order, and their hostnames. Nodes that just
// joined are given time to become ready.
func (l *Lab) schedulable(ctx context.Context) (open []string, hostnames map[string]string, err error) {
	client, err := kubernetes.NewForConfig(l.rest)
	if err != nil {
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	var coming []string
	hostnames = map[string]string{}
	err = wait.PollUntilContextTimeout(ctx, l.settings.timeouts.Poll, l.settings.timeouts.Arrive, true, func(ctx context.Context) (bool, error) {
		nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: corev1.LabelOSStable + "=linux"})
		if err != nil {
			return false, fmt.Errorf("list the nodes: %w", err)
		}
		for _, node := range nodes.Items {
			hostnames[node.Name] = node.Labels[corev1.LabelHostname]
		}
		told := len(coming) > 0
		open, coming = takePods(nodes.Items, time.Now())
		if len(coming) > 0 && !told {
			l.log.Say("   wait for nodes that just joined and are not ready: %s", strings.Join(coming, ", "))
		}
		return len(coming) == 0, nil
	})
	switch {
	case ctx.Err() != nil, err != nil && !wait.Interrupted(err):
		return nil, nil, err
	case len(open) == 0:
		return nil, nil, errors.New("no node of the cluster takes Pods: all are not ready, tainted or cordoned")
	}
	return open, hostnames, nil
}

// takePods names the nodes on which any Pod may run, and those that just joined and lack no more than being ready.
func takePods(nodes []corev1.Node, now time.Time) (open, coming []string) {
	for _, node := range nodes {
		notReady, repelled := false, node.Spec.Unschedulable
		for _, taint := range node.Spec.Taints {
			switch {
			case taint.Key == corev1.TaintNodeNotReady:
				notReady = true
			case taint.Effect != corev1.TaintEffectPreferNoSchedule:
				repelled = true
			}
		}
		switch {
		case repelled:
		case !notReady:
			open = append(open, node.Name)
		case now.Sub(node.CreationTimestamp.Time) < justJoined:
			coming = append(coming, node.Name)
		}
	}
	return open, coming
}
