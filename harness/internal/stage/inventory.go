package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// Inventory is everything cluster-scoped that is on a cluster: namespaces, PersistentVolumes, webhooks, custom
// resource definitions and whatever else the API server serves, and what is set on the nodes.
type Inventory map[string]bool

// TakeInventory lists what is on the cluster. With a run's label value it lists only what carries it: on a cluster that
// others use too, more than that says nothing about the run.
func TakeInventory(ctx context.Context, config *rest.Config, run string) (Inventory, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	kinds, err := clusterScoped(client.Discovery())
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	options := metav1.ListOptions{}
	if run != "" {
		options.LabelSelector = LabelRun + "=" + run
	}
	there := Inventory{}
	for _, kind := range kinds {
		list, err := objects.Resource(kind).List(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("take an inventory of the cluster: list %s: %w", kind.Resource, err)
		}
		for _, object := range list.Items {
			there[kind.GroupResource().String()+"/"+object.Name] = true
		}
	}
	if run != "" {
		return there, nil
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	for _, node := range nodes.Items {
		there.addNode(node)
	}
	return there, nil
}

func (i Inventory) addNode(node corev1.Node) {
	for key, value := range node.Labels {
		i[fmt.Sprintf("label %s=%s of node %s", key, value, node.Name)] = true
	}
	for _, taint := range node.Spec.Taints {
		i[fmt.Sprintf("taint %s of node %s", taint.ToString(), node.Name)] = true
	}
}

// clusterScoped are the resources outside of namespaces that can be listed. Left out is what the system itself makes
// and drops at its own time: the bookkeeping of Service IPs, certificate requests, the health of components.
func clusterScoped(client discovery.DiscoveryInterface) ([]schema.GroupVersionResource, error) {
	fleeting := []string{"ipaddresses", "certificatesigningrequests", "componentstatuses", "volumeattachments", "csinodes"}
	lists, err := client.ServerPreferredResources()
	if err != nil && len(lists) == 0 {
		return nil, err
	}
	var kinds []schema.GroupVersionResource
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, r := range list.APIResources {
			if !r.Namespaced && slices.Contains(r.Verbs, "list") && !slices.Contains(fleeting, r.Name) && !strings.Contains(r.Name, "/") {
				kinds = append(kinds, version.WithResource(r.Name))
			}
		}
	}
	return kinds, nil
}

// Beyond lists, in order, what is in this inventory and not in the earlier one.
func (i Inventory) Beyond(earlier Inventory) []string {
	var more []string
	for thing := range i {
		if !earlier[thing] {
			more = append(more, thing)
		}
	}
	slices.Sort(more)
	return more
}
