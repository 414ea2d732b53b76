package lab

import (
	"cmp"
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/verdict"
)

const (
	// partsEvery is how often the monitor looks at the parts of the cluster, such as kube-proxy. What takes a part away for
	// less time does not keep a request away for the minute after which an absence is an answer.
	partsEvery = 5 * time.Second

	// balancerNamespace is MetalLB's. It may not exist when the run begins.
	balancerNamespace = "metallb-system"
)

// partsSeen is what was seen of the parts of the cluster at a time.
type partsSeen struct {
	at       time.Time
	present  []verdict.Part
	troubles []verdict.PartTrouble
	unlisted error // why some could not be looked at
}

// watchParts looks at the parts every partsEvery.
func (m *monitor) watchParts(ctx context.Context) {
	if time.Since(m.partsAsked) < partsEvery {
		return
	}
	m.partsAsked = time.Now()
	m.mu.Lock()
	namespaces := m.namespaces
	m.mu.Unlock()
	if namespaces == nil {
		namespaces = m.findParts(ctx)
	}
	seen := m.seeParts(ctx, namespaces, "0") // from the watch cache, which is cheap
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parts = append(m.parts, seen)
}

// findParts returns the namespaces that may have parts. It keeps them, unless the next time may find more.
func (m *monitor) findParts(ctx context.Context) []string {
	namespaces, err := m.partNamespaces(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unlisted = err
	if err == nil || apierrors.IsForbidden(err) {
		m.namespaces = namespaces
	}
	return namespaces
}

// partNamespaces returns the namespaces that have parts, and those that may get some. It lists the workloads of all namespaces.
// If they cannot be listed it returns the error, and those that may get some.
func (m *monitor) partNamespaces(ctx context.Context) ([]string, error) {
	found := []string{metav1.NamespaceSystem, balancerNamespace}
	sets, deployments, err := m.workloads(ctx, metav1.NamespaceAll, "0")
	for _, set := range sets {
		if verdict.PartOf(set.Name, set.Spec.Template) != "" {
			found = append(found, set.Namespace)
		}
	}
	for _, deployment := range deployments {
		if verdict.PartOf(deployment.Name, deployment.Spec.Template) != "" {
			found = append(found, deployment.Namespace)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), err
}

// seeParts returns what is to be seen of the parts in the namespaces. It omits what cannot be listed.
func (m *monitor) seeParts(ctx context.Context, namespaces []string, resourceVersion string) partsSeen {
	seen := partsSeen{at: time.Now()}
	for _, namespace := range namespaces {
		onSpare, err := m.podsOnSpare(ctx, namespace, resourceVersion)
		sets, deployments, other := m.workloads(ctx, namespace, resourceVersion)
		seen.unlisted = cmp.Or(seen.unlisted, err, other)
		present, troubles := verdict.PartTroubles(seen.at, sets, deployments, onSpare)
		seen.present, seen.troubles = append(seen.present, present...), append(seen.troubles, troubles...)
	}
	if slices.Contains(seen.present, verdict.ServiceProxy) {
		return seen
	}
	for _, selector := range verdict.ProxyPods {
		options := metav1.ListOptions{LabelSelector: selector, ResourceVersion: resourceVersion}
		list, err := m.client.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, options)
		if err != nil {
			seen.unlisted = cmp.Or(seen.unlisted, err)
			continue
		}
		pods := slices.DeleteFunc(list.Items, func(pod corev1.Pod) bool { return m.spare != "" && pod.Spec.NodeName == m.spare })
		if present, troubles := verdict.ProxyTroubles(seen.at, pods); present {
			seen.present, seen.troubles = append(seen.present, verdict.ServiceProxy), append(seen.troubles, troubles...)
			break
		}
	}
	return seen
}

// podsOnSpare returns the Pods of a namespace on the spare worker, which a claim may have stopped.
func (m *monitor) podsOnSpare(ctx context.Context, namespace, resourceVersion string) ([]corev1.Pod, error) {
	if m.spare == "" {
		return nil, nil
	}
	list, err := m.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + m.spare, ResourceVersion: resourceVersion})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// workloads returns what can be listed, and the error if not all can.
func (m *monitor) workloads(ctx context.Context, namespace, resourceVersion string) (sets []appsv1.DaemonSet, deployments []appsv1.Deployment, err error) {
	options := metav1.ListOptions{ResourceVersion: resourceVersion}
	setList, err := m.client.AppsV1().DaemonSets(namespace).List(ctx, options)
	if err == nil {
		sets = setList.Items
	}
	deploymentList, other := m.client.AppsV1().Deployments(namespace).List(ctx, options)
	if other == nil {
		deployments = deploymentList.Items
	}
	return sets, deployments, cmp.Or(err, other)
}

// partsBetween returns the parts that could be looked at between two times and now, and each problem that they had then. The
// error is why some could not be looked at.
func (m *monitor) partsBetween(ctx context.Context, from, to time.Time) (present []verdict.Part, troubles []verdict.PartTrouble, unlisted error) {
	m.mu.Lock()
	all := slices.DeleteFunc(slices.Clone(m.parts), func(s partsSeen) bool { return s.at.Before(from) || s.at.After(to) })
	namespaces, elsewhere := m.namespaces, m.unlisted
	m.mu.Unlock()
	now := m.seeParts(ctx, namespaces, "")
	for _, seen := range append(all, now) {
		present = append(present, seen.present...)
		for _, trouble := range seen.troubles {
			same := func(other verdict.PartTrouble) bool { return other.Part == trouble.Part && other.Why == trouble.Why }
			if i := slices.IndexFunc(troubles, same); i >= 0 {
				troubles[i].At = trouble.At
			} else {
				troubles = append(troubles, trouble)
			}
		}
	}
	slices.Sort(present)
	return slices.Compact(present), troubles, cmp.Or(now.unlisted, elsewhere)
}
