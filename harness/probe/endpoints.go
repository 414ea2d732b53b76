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

// Endpoint is a Pod that a Service forwards traffic to.
type Endpoint struct {
	Pod  string
	UID  types.UID
	Node string
	IP   string
}

// Endpoints are the ready Pods in the EndpointSlices of a Service.
type Endpoints []Endpoint

func (e Endpoints) String() string {
	words := make([]string, len(e))
	for i, endpoint := range e {
		words[i] = fmt.Sprintf("Pod %s uid=%s ip=%s node=%s", endpoint.Pod, endpoint.UID, endpoint.IP, endpoint.Node)
	}
	if len(words) == 0 {
		return "no ready endpoint"
	}
	return strings.Join(words, "; ")
}

// Endpoints looks at the ready endpoints of a Service of the namespace; the answer is an Endpoints.
func (c Cluster) Endpoints(service string) Look {
	return look{"EndpointSlices of Service " + service, func(ctx context.Context) (any, error) {
		list, err := c.Client.DiscoveryV1().EndpointSlices(c.Namespace).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + service})
		if err != nil {
			return nil, fmt.Errorf("list the EndpointSlices of Service %s: %w", service, err)
		}
		return readyEndpoints(list.Items), nil
	}}
}

// readyEndpoints returns the endpoints that receive traffic, without duplicates. An unknown readiness counts as ready (API
// reference, EndpointConditions).
func readyEndpoints(all []discoveryv1.EndpointSlice) Endpoints {
	found := Endpoints{}
	for _, slice := range all {
		for _, e := range slice.Endpoints {
			if e.TargetRef == nil || len(e.Addresses) == 0 || e.Conditions.Ready != nil && !*e.Conditions.Ready {
				continue
			}
			endpoint := Endpoint{Pod: e.TargetRef.Name, UID: e.TargetRef.UID, IP: e.Addresses[0]}
			if e.NodeName != nil {
				endpoint.Node = *e.NodeName
			}
			if !slices.ContainsFunc(found, func(other Endpoint) bool { return other.UID == endpoint.UID }) {
				found = append(found, endpoint)
			}
		}
	}
	return found
}
