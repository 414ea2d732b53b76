package probe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Endpoint is a Pod to which a Service leads.
type Endpoint struct {
	Pod  string
	UID  types.UID
	Node string
	IP   string
}

// Endpoints are the ready Pods to which a Service leads, as its EndpointSlices tell.
type Endpoints []Endpoint

func (e Endpoints) String() string {
	words := make([]string, len(e))
	for i, one := range e {
		words[i] = fmt.Sprintf("Pod %s uid=%s ip=%s node=%s", one.Pod, one.UID, one.IP, one.Node)
	}
	if len(words) == 0 {
		return "no ready endpoint"
	}
	return strings.Join(words, "; ")
}

// Endpoints looks at where a Service of the namespace leads; the answer is an Endpoints.
func (c Cluster) Endpoints(service string) Look {
	return look{"EndpointSlices of Service " + service, func(ctx context.Context) (any, error) {
		list, err := c.Client.DiscoveryV1().EndpointSlices(c.Namespace).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + service})
		if err != nil {
			return nil, fmt.Errorf("list the EndpointSlices of Service %s: %w", service, err)
		}
		return readyEndpoints(list.Items), nil
	}}
}

// readyEndpoints are the endpoints that take traffic, each once: an unknown readiness counts as ready (API reference,
// EndpointConditions).
func readyEndpoints(all []discoveryv1.EndpointSlice) Endpoints {
	found := Endpoints{}
	for _, slice := range all {
		for _, e := range slice.Endpoints {
			if e.TargetRef == nil || len(e.Addresses) == 0 || e.Conditions.Ready != nil && !*e.Conditions.Ready {
				continue
			}
			one := Endpoint{Pod: e.TargetRef.Name, UID: e.TargetRef.UID, IP: e.Addresses[0]}
			if e.NodeName != nil {
				one.Node = *e.NodeName
			}
			if !slices.ContainsFunc(found, func(other Endpoint) bool { return other.UID == one.UID }) {
				found = append(found, one)
			}
		}
	}
	return found
}
