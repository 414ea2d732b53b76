package probe

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Cluster is a namespace of a cluster, with the clients that the probes use.
type Cluster struct {
	Client    kubernetes.Interface
	Config    *rest.Config
	Namespace string
	// Limit is the time limit of one request that a Shell in a Pod makes; 0 means 2 s.
	Limit time.Duration
}

// Pods are the Pods that match a label selector, including those that are being deleted.
type Pods struct {
	cluster  Cluster
	selector string
	where    string // a field selector; empty means all
}

// Pods looks at the Pods that match the label selector; an empty selector matches all Pods of the namespace.
func (c Cluster) Pods(selector string) Pods { return Pods{cluster: c, selector: selector} }

// On returns those of the Pods that are on this node.
func (p Pods) On(node string) Pods {
	p.where = "spec.nodeName=" + node
	return p
}

// NotOn returns those of the Pods that are not on this node.
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

// One returns the only Pod, or an error that lists the Pods if there is not exactly one.
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
