// Package probe holds read-only observations of a cluster: what the API server says, and what is seen from inside a
// container. A look distinguishes "the answer was no", which is a value, from "the look could not be had", which is an
// error.
package probe

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Look is one question to the cluster that can be asked again and again.
type Look interface {
	// Name says what is looked at, such as "Pods app=bare".
	Name() string
	// Ask looks once. The error means that the look could not be had, never that the answer was no.
	Ask(ctx context.Context) (any, error)
}

// Cluster is a namespace of a cluster as the probes see it.
type Cluster struct {
	Client    kubernetes.Interface
	Config    *rest.Config
	Namespace string
	// Limit is the time limit of one request that a Shell in a Pod makes; 0 means 2 s.
	Limit time.Duration
}

// Pods are the Pods that a label selector selects, those that are being deleted included.
type Pods struct {
	cluster  Cluster
	selector string
	where    string // a field selector; empty selects all
}

// Pods looks at the Pods with these labels; an empty selector selects all of the namespace.
func (c Cluster) Pods(selector string) Pods { return Pods{cluster: c, selector: selector} }

// On are those of the Pods that are on this node.
func (p Pods) On(node string) Pods {
	p.where = "spec.nodeName=" + node
	return p
}

// NotOn are those of the Pods that are not on this node.
func (p Pods) NotOn(node string) Pods {
	p.where = "spec.nodeName!=" + node
	return p
}

// Name implements Look.
func (p Pods) Name() string {
	name := "all Pods"
	if p.selector != "" {
		name = "Pods " + p.selector
	}
	if p.where != "" {
		name += " with " + p.where
	}
	return name
}

// Ask implements Look; the answer is a []corev1.Pod.
func (p Pods) Ask(ctx context.Context) (any, error) { return p.List(ctx) }

// List returns the Pods, ordered by name.
func (p Pods) List(ctx context.Context) ([]corev1.Pod, error) {
	options := metav1.ListOptions{LabelSelector: p.selector, FieldSelector: p.where}
	list, err := p.cluster.Client.CoreV1().Pods(p.cluster.Namespace).List(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", p.Name(), err)
	}
	return list.Items, nil
}

// One returns the only Pod there is, or an error that names what was there instead.
func (p Pods) One(ctx context.Context) (*corev1.Pod, error) {
	pods, err := p.List(ctx)
	if err != nil {
		return nil, err
	}
	if len(pods) != 1 {
		return nil, fmt.Errorf("want one of %s, there are %d: %s", p.Name(), len(pods), Describe(pods))
	}
	return &pods[0], nil
}

// Describe puts what a look saw into words for the record. It never writes more than a few lines.
func Describe(seen any) string {
	switch seen := seen.(type) {
	case nil:
		return "nothing"
	case []corev1.Pod:
		if len(seen) == 0 {
			return "no Pod"
		}
		words := make([]string, len(seen))
		for i := range seen {
			words[i] = describePod(&seen[i])
		}
		return strings.Join(words, "; ")
	case *corev1.Pod:
		return describePod(seen)
	case string:
		return shorten(seen)
	default:
		return shorten(fmt.Sprint(seen))
	}
}

func describePod(pod *corev1.Pod) string {
	words := []string{"Pod " + pod.Name, "uid=" + string(pod.UID), "ip=" + pod.Status.PodIP, "node=" + pod.Spec.NodeName, string(pod.Status.Phase)}
	if pod.DeletionTimestamp != nil {
		words = append(words, "being deleted")
	}
	if pod.Status.Reason != "" {
		words = append(words, pod.Status.Reason)
	}
	for _, c := range pod.Status.ContainerStatuses {
		words = append(words, describeContainer(c))
	}
	return strings.Join(words, " ")
}

func describeContainer(c corev1.ContainerStatus) string {
	state := "waiting"
	switch {
	case c.State.Running != nil && c.Ready:
		state = "ready"
	case c.State.Running != nil:
		state = "running"
	case c.State.Terminated != nil:
		state = terminated(c.State.Terminated)
	case c.State.Waiting != nil:
		state = "waiting: " + c.State.Waiting.Reason
	}
	words := fmt.Sprintf("%s(%s, restarts=%d", c.Name, state, c.RestartCount)
	if last := c.LastTerminationState.Terminated; last != nil {
		words += ", before: " + terminated(last)
	}
	return words + ")"
}

func terminated(t *corev1.ContainerStateTerminated) string {
	return fmt.Sprintf("%s, exit code %d", t.Reason, t.ExitCode)
}

func shorten(text string) string {
	const most = 600
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}
