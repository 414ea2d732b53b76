package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
)

// workers is the number of workers of a cluster that the run creates.
const workers = 2

// acquired is the cluster of a run.
type acquired struct {
	*cluster.Cluster
	image   string           // the workload image on its nodes
	archive string           // the file with this image; empty on an existing cluster
	own     bool             // created by noteproof, so that it may be changed and broken
	outside *cluster.Outside // nil unless a chosen scenario needs it
	plugin  nodeimage.Plugin // the load balancer plugin for a cluster that the run creates
	// release removes or keeps the cluster. A broken cluster, which is not as it was before the run, is not kept.
	release func(ctx context.Context, broken bool) error
}

// acquire returns the cluster that the settings ask for: an existing cluster, or a kind cluster that it creates or reuses.
func (l *Lab) acquire(ctx context.Context) (*acquired, error) {
	if l.settings.kubeconfig != "" {
		return l.adopt(ctx)
	}
	source := &nodeimage.Source{Cache: l.settings.cache, Log: l.log, Registries: l.settings.registries}
	e, image, err := l.nodeImage(ctx, source)
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
	name := clusterName(l.settings.target(image.Version))
	up, err := cluster.Up(ctx, e, l.log, cluster.Spec{
		Name: name, Version: image.Version, Image: image, Workload: workload, Plugin: plugin.Images, Images: l.suite.Images,
		Workers: workers, Spare: anyNeeds(l.chosen(), claim.BreakNodes), Variant: l.settings.variant,
		Kubeconfig: filepath.Join(l.kubeconfigs(e), name), Reuse: true,
	})
	if err != nil {
		return nil, err
	}
	return &acquired{
		Cluster: up, own: true, image: workload.Ref, archive: workload.Path, plugin: plugin,
		release: func(ctx context.Context, broken bool) error { return l.release(ctx, up, broken) },
	}, nil
}

// nodeImage returns the node image of a cluster that the run creates, and the engine that has it, which it sets in source.
func (l *Lab) nodeImage(ctx context.Context, source *nodeimage.Source) (*engine.Engine, nodeimage.Image, error) {
	l.wanted = l.settings.version // in case Resolve fails
	if _, err := claim.ParseVersion(l.wanted); err == nil {
		l.wanted = "v" + strings.TrimPrefix(l.wanted, "v")
	}
	own := l.settings.nodeImage
	if own.String() == "" {
		version, err := source.Resolve(ctx, l.settings.version)
		if err != nil {
			return nil, nodeimage.Image{}, err
		}
		l.wanted = version
		if err := l.openRecord(""); err != nil {
			return nil, nodeimage.Image{}, err
		}
	}
	e, err := l.cleanEngine(ctx)
	if err != nil {
		return nil, nodeimage.Image{}, err
	}
	source.Engine, source.Machine = e, e.Host().Architecture
	if own.String() == "" {
		image, err := source.Node(ctx, l.wanted)
		return e, image, err
	}
	image, err := source.Own(ctx, own, l.settings.version)
	if err == nil {
		l.wanted = image.Version
	}
	return e, image, err
}

// clusterName returns the name of a run's cluster. Versions of a user's own builds may have characters that a name cannot have.
func clusterName(version string) string {
	return cluster.Prefix + strings.NewReplacer(".", "-", "+", "-", "_", "-").Replace(strings.ToLower(version))
}

// release removes a cluster that the run created, or keeps it if that is asked for.
func (l *Lab) release(ctx context.Context, up *cluster.Cluster, broken bool) error {
	look := "kubectl --kubeconfig " + shellescape.Quote(up.Kubeconfig()) + " get pods -A"
	other := up.KeptByOther()
	switch {
	case broken && other != "":
		l.log.Say("!  the cluster, which %s keeps, is not as it was before the run: it is left to be looked at, and not used again", other)
		return up.Keep(ctx, false)
	case l.settings.keep == environ.KeepOnFailure && l.failed() && !l.interrupted() && other == "":
		l.log.Say("   the cluster is kept because the run failed; look at it: %s; remove it: noteproof clean", look)
		return up.Keep(ctx, false)
	case broken && l.settings.keep == environ.KeepAlways:
		l.log.Say("!  the cluster is not kept, because it is not as it was before the run")
		return up.Down(ctx)
	case broken || l.settings.keep != environ.KeepAlways && other == "":
		return up.Down(ctx)
	case other != "" && l.settings.keep != environ.KeepAlways:
		l.log.Say("   the cluster is kept, as it was before by %s", other)
	default:
		l.log.Say("   the cluster is kept; use it: %s; remove it: noteproof clean", look)
	}
	return up.Keep(ctx, true)
}

// kubeconfigs returns the folder of the kubeconfigs of an engine's clusters.
func (l *Lab) kubeconfigs(e *engine.Engine) string {
	return cluster.Kubeconfigs(l.settings.cache, e)
}

// engine returns the container engine of this machine.
func (l *Lab) engine(ctx context.Context) (*engine.Engine, error) {
	return engine.Detect(ctx, engine.Options{Name: l.settings.engine, Dir: filepath.Join(l.settings.cache, "engine")})
}

// cleanEngine activates the container engine, and removes what interrupted runs left in it.
func (l *Lab) cleanEngine(ctx context.Context) (*engine.Engine, error) {
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
	if err := cluster.Sweep(ctx, e, l.log, l.kubeconfigs(e)); err != nil {
		return nil, fmt.Errorf("remove what an earlier run left behind: %w", err)
	}
	return e, nil
}

func (l *Lab) adopt(ctx context.Context) (*acquired, error) {
	adopted, err := cluster.Adopt(ctx, l.settings.kubeconfig, l.config.KubeContext())
	if err != nil {
		return nil, err
	}
	image := l.settings.image
	if image == "" {
		image = nodeimage.PublishedWorkload
	}
	return &acquired{Cluster: adopted, image: image, release: func(context.Context, bool) error { return nil }}, nil
}

// examine finds out what the cluster consists of and can do, and what the placeholders in manifests stand for. It returns the
// environment and the version of the server.
func (l *Lab) examine(ctx context.Context) (evidence.Environment, string, error) {
	environment, version, err := l.cluster.Environment(ctx)
	if err != nil {
		return environment, "", err
	}
	for _, image := range l.cluster.plugin.Images {
		if image.From != "" {
			environment.Pulled = append(environment.Pulled, image.From)
		}
	}
	environment.WorkloadImage = cmp.Or(environment.WorkloadImage, l.cluster.image) // nodes may have to pull it first
	if l.rest, err = l.cluster.RESTConfig(); err != nil {
		return environment, version, err
	}
	environment.LoadBalancer = l.balancerPlugin()
	l.props = stage.Props{Image: l.cluster.image}
	if !l.cluster.own {
		l.props.Adaptation = &stage.Adaptation{}
	}
	if l.props.Workers, l.props.Hostnames, l.spare, err = l.schedulable(ctx); err != nil {
		return environment, version, err
	}
	err = l.probeAbilities(ctx)
	if l.imageDigest != "" && !strings.Contains(environment.WorkloadImage, "@") {
		environment.WorkloadImage += "@" + l.imageDigest
	}
	environment.Adaptations = append(environment.Adaptations, l.adaptations...)
	return environment, version, err
}

// chooseNodes tells what keeps Pods off the nodes of an existing cluster, and bounds the nodes that claims look at. refused is why the
// nodes cannot be listed; nil if they can.
func (l *Lab) chooseNodes(nodes []corev1.Node, workers []string, refused error) error {
	if refused != nil { // claims that name a node are not run for want of workers
		l.log.Say("!  the nodes are not known, so claims that name one are not run: %v", refused)
		return nil
	}
	adaptation := l.props.Adaptation
	var problems []string
	adaptation.Nodes, problems = usable(nodes, workers)
	adaptation.Linux = slices.ContainsFunc(nodes, func(n corev1.Node) bool { return n.Labels[corev1.LabelOSStable] != "linux" })
	switch {
	case len(problems) > 0:
		l.adapted(strings.Join(problems, "; "), "claims about every node look at "+strings.Join(adaptation.Nodes, ", "))
	case len(adaptation.Nodes) > 0:
		l.adapted(fmt.Sprintf("the cluster has %d nodes", len(nodes)), "claims about every node look at "+strings.Join(adaptation.Nodes, ", "))
	}
	if len(workers) == 0 {
		l.noPods = fmt.Sprintf("none of the %d nodes takes Pods: %s", len(nodes), strings.Join(repelling(nodes), "; "))
	}
	return nil
}

// repelling returns why nodes take no Pods.
func repelling(nodes []corev1.Node) []string {
	var words []string
	for _, node := range nodes {
		why := cmp.Or(verdict.NodeProblem(&node), "has a taint")
		if node.Spec.Unschedulable {
			why = "is cordoned"
		}
		words = append(words, node.Name+" "+why)
	}
	return words
}

// justJoined is the maximum age of a node that is not ready yet and is waited for. An older node has another problem.
const justJoined = 5 * time.Minute

// schedulable returns the names of the nodes on which any Pod may run, in the API server's order, the hostnames of all nodes by
// name, and the name of a spare worker. It waits for nodes that just joined.
func (l *Lab) schedulable(ctx context.Context) (names []string, hostnames map[string]string, spare string, err error) {
	client, err := kubernetes.NewForConfig(l.rest)
	if err != nil {
		return nil, nil, "", fmt.Errorf("connect: %w", err)
	}
	var joining []string
	var everyNode []corev1.Node
	nodes := &corev1.NodeList{}
	hostnames = map[string]string{}
	err = wait.PollUntilContextTimeout(ctx, l.settings.timeouts.Poll, l.settings.timeouts.Arrive, true, func(ctx context.Context) (bool, error) {
		all, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, fmt.Errorf("list the nodes: %w", err)
		}
		nodes.Items = slices.DeleteFunc(slices.Clone(all.Items), func(n corev1.Node) bool { return n.Labels[corev1.LabelOSStable] != "linux" })
		everyNode = all.Items
		for _, node := range nodes.Items {
			hostnames[node.Name] = node.Labels[corev1.LabelHostname]
			if cluster.IsSpare(node) && verdict.NodeProblem(&node) == "" {
				spare = node.Name
			}
		}
		logged := len(joining) > 0
		names, joining = classifyNodes(nodes.Items, time.Now())
		if len(joining) > 0 && !logged {
			l.log.Say("   wait for nodes that just joined and are not ready: %s", strings.Join(joining, ", "))
		}
		return len(joining) == 0, nil
	})
	if !l.cluster.own && (err == nil || apierrors.IsForbidden(err)) {
		return names, hostnames, spare, l.chooseNodes(everyNode, names, err)
	}
	switch {
	case ctx.Err() != nil, err != nil && !wait.Interrupted(err):
		return nil, nil, "", err
	case len(names) == 0:
		return nil, nil, "", errors.New("no node of the cluster takes Pods: all are not ready, tainted or cordoned")
	}
	return names, hostnames, spare, nil
}

// classifyNodes returns the names of the nodes on which any Pod may run, and of those that just joined and are only not ready
// yet.
func classifyNodes(nodes []corev1.Node, now time.Time) (schedulable, joining []string) {
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
			schedulable = append(schedulable, node.Name)
		case now.Sub(node.CreationTimestamp.Time) < justJoined:
			joining = append(joining, node.Name)
		}
	}
	return schedulable, joining
}
