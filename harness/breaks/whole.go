package breaks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// infrastructure returns the namespaces of the cluster's own components. They need not exist.
func infrastructure() []string {
	return []string{metav1.NamespaceSystem, "local-path-storage", metallbNamespace}
}

// leaders returns the components of the control plane that elect a leader, by the name of their Lease.
func leaders() []string { return []string{controllerManager, scheduler} }

// renewedWithin is the maximum age of the last renewal of a leader's Lease. A leader renews it every 2 s.
const renewedWithin = 10 * time.Second

// parts are the objects that show whether a cluster is whole.
type parts struct {
	nodes       []corev1.Node
	daemonSets  []appsv1.DaemonSet
	deployments []appsv1.Deployment
	pods        []corev1.Pod // of the infrastructure
	leases      []coordinationv1.Lease
}

// awaitWhole waits until nothing of the cluster is missing.
func (c *change) awaitWhole(ctx context.Context) error {
	return c.awaitNothing(ctx, "the cluster is whole", missing)
}

// awaitControlPlane waits until nothing of the control plane is missing. Its components end and are restarted if they cannot
// reach the API server for 10 s.
func (c *change) awaitControlPlane(ctx context.Context) error {
	return c.awaitNothing(ctx, "the control plane is whole", missingControlPlane)
}

// awaitNothing waits until missing returns nothing, and ends the back-off of containers that crashed meanwhile.
func (c *change) awaitNothing(ctx context.Context, what string, missing func(parts, time.Time) []string) error {
	lastEnded := time.Time{}
	return await(ctx, what, wholeWithin, func(ctx context.Context) (string, error) {
		if err := c.apiServerReady(ctx); err != nil {
			return "", err
		}
		all, err := c.observe(ctx)
		if err != nil {
			return "", err
		}
		problems := missing(all, time.Now())
		if len(problems) > 0 && time.Since(lastEnded) > endBackOffEvery {
			lastEnded = time.Now()
			if err := c.endBackOff(ctx, all.pods); err != nil {
				return "", err
			}
		}
		return strings.Join(problems, "; "), nil
	})
}

// endBackOffEvery is the time between two attempts to end a back-off.
const endBackOffEvery = 20 * time.Second

// endBackOff restarts the kubelets of nodes on which a container waits to be restarted after a crash. A kubelet keeps the length
// of that back-off, up to 5 minutes, only in memory.
func (c *change) endBackOff(ctx context.Context, pods []corev1.Pod) error {
	for _, node := range backedOff(pods) {
		if _, err := c.run(ctx, node, "systemctl", "restart", "kubelet"); err != nil {
			return err
		}
	}
	return nil
}

// backedOff returns the nodes on which a container waits to be restarted after a crash.
func backedOff(pods []corev1.Pod) []string {
	var nodes []string
	for _, pod := range pods {
		for _, container := range pod.Status.ContainerStatuses {
			if w := container.State.Waiting; w != nil && w.Reason == "CrashLoopBackOff" {
				nodes = append(nodes, pod.Spec.NodeName)
			}
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// apiServerReady returns nil if the API server reports that it is ready.
func (c *change) apiServerReady(ctx context.Context) error {
	_, err := c.client.CoreV1().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("the API server is not ready: %w", err)
	}
	return nil
}

func (c *change) observe(ctx context.Context) (parts, error) {
	var p parts
	var errs []error
	all := metav1.ListOptions{}
	nodes, err := c.client.CoreV1().Nodes().List(ctx, all)
	if errs = append(errs, err); err == nil {
		p.nodes = nodes.Items
	}
	for _, namespace := range infrastructure() {
		sets, err := c.client.AppsV1().DaemonSets(namespace).List(ctx, all)
		if errs = append(errs, err); err == nil {
			p.daemonSets = append(p.daemonSets, sets.Items...)
		}
		deployments, err := c.client.AppsV1().Deployments(namespace).List(ctx, all)
		if errs = append(errs, err); err == nil {
			p.deployments = append(p.deployments, deployments.Items...)
		}
		pods, err := c.client.CoreV1().Pods(namespace).List(ctx, all)
		if errs = append(errs, err); err == nil {
			p.pods = append(p.pods, pods.Items...)
		}
	}
	for _, name := range leaders() {
		lease, err := c.client.CoordinationV1().Leases(metav1.NamespaceSystem).Get(ctx, name, metav1.GetOptions{})
		if errs = append(errs, err); err == nil {
			p.leases = append(p.leases, *lease)
		}
	}
	return p, errors.Join(errs...)
}

// missing returns why a cluster is not whole.
func missing(p parts, now time.Time) []string {
	var problems []string
	add := func(format string, a ...any) { problems = append(problems, fmt.Sprintf(format, a...)) }
	if len(p.nodes) == 0 {
		add("there is no node")
	}
	for _, node := range p.nodes {
		if why := unready(node); why != "" {
			add("node %s %s", node.Name, why)
		}
	}
	for _, set := range p.daemonSets {
		if why := daemonSetProblem(set); why != "" {
			add("DaemonSet %s: %s", set.Name, why)
		}
	}
	for _, deployment := range p.deployments {
		if why := deploymentProblem(deployment); why != "" {
			add("Deployment %s: %s", deployment.Name, why)
		}
	}
	return append(problems, missingControlPlane(p, now)...)
}

// missingControlPlane returns why the control plane is not whole.
func missingControlPlane(p parts, now time.Time) []string {
	var problems []string
	for _, pod := range p.pods {
		if pod.Labels["tier"] == "control-plane" && !podReady(pod) {
			problems = append(problems, fmt.Sprintf("Pod %s is not ready", pod.Name))
		}
	}
	for _, lease := range p.leases {
		if !leaseHeld(lease, now) {
			problems = append(problems, fmt.Sprintf("%s has no leader", lease.Name))
		}
	}
	return problems
}

// unready returns why no Pods can be placed on a node; empty if they can.
func unready(node corev1.Node) string {
	for _, taint := range node.Spec.Taints {
		if strings.HasPrefix(taint.Key, "node.kubernetes.io/") {
			return "has the taint " + taint.Key
		}
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			return ""
		}
	}
	return "is not Ready"
}

func daemonSetProblem(set appsv1.DaemonSet) string {
	s := set.Status
	if s.ObservedGeneration < set.Generation || s.UpdatedNumberScheduled < s.DesiredNumberScheduled ||
		s.NumberAvailable < s.DesiredNumberScheduled || s.NumberMisscheduled > 0 {
		return fmt.Sprintf("%d of %d Pods are up to date, %d are available, %d are on wrong nodes",
			s.UpdatedNumberScheduled, s.DesiredNumberScheduled, s.NumberAvailable, s.NumberMisscheduled)
	}
	return ""
}

func deploymentProblem(d appsv1.Deployment) string {
	wanted := int32(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	if d.Status.ObservedGeneration < d.Generation || d.Status.AvailableReplicas != wanted || d.Status.Replicas != wanted {
		return fmt.Sprintf("%d of %d Pods are available", d.Status.AvailableReplicas, wanted)
	}
	return ""
}

func podReady(pod corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// leaseHeld returns whether a leader has renewed its Lease recently.
func leaseHeld(lease coordinationv1.Lease, now time.Time) bool {
	s := lease.Spec
	return s.HolderIdentity != nil && *s.HolderIdentity != "" && s.RenewTime != nil && now.Sub(s.RenewTime.Time) < renewedWithin
}
