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

// Inventory is the set of all cluster-scoped objects on a cluster, such as namespaces, PersistentVolumes, webhook
// configurations and custom resource definitions, and of the labels and taints of the nodes.
type Inventory map[string]bool

// TakeInventory lists what is on the cluster. If run is not empty, it lists only objects with this value of LabelRun: on a
// shared cluster, other objects say nothing about the run.
func TakeInventory(ctx context.Context, config *rest.Config, run string) (Inventory, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	kinds, err := clusterScopedResources(client.Discovery())
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	options := metav1.ListOptions{}
	if run != "" {
		options.LabelSelector = LabelRun + "=" + run
	}
	inventory := Inventory{}
	for _, kind := range kinds {
		list, err := objects.Resource(kind).List(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("take an inventory of the cluster: list %s: %w", kind.Resource, err)
		}
		for _, object := range list.Items {
			inventory[kind.GroupResource().String()+"/"+object.Name] = true
		}
	}
	if run != "" {
		return inventory, nil
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	for _, node := range nodes.Items {
		inventory.addNode(node)
	}
	return inventory, nil
}

func (i Inventory) addNode(node corev1.Node) {
	for key, value := range node.Labels {
		i[fmt.Sprintf("label %s=%s of node %s", key, value, node.Name)] = true
	}
	for _, taint := range node.Spec.Taints {
		i[fmt.Sprintf("taint %s of node %s", taint.ToString(), node.Name)] = true
	}
}

// clusterScopedResources returns the cluster-scoped resources that can be listed. It omits those that the system creates and
// deletes at any time, such as the IPs of Services, certificate signing requests and the status of components.
func clusterScopedResources(client discovery.DiscoveryInterface) ([]schema.GroupVersionResource, error) {
	ephemeral := []string{"ipaddresses", "certificatesigningrequests", "componentstatuses", "volumeattachments", "csinodes"}
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
			if !r.Namespaced && slices.Contains(r.Verbs, "list") && !slices.Contains(ephemeral, r.Name) && !strings.Contains(r.Name, "/") {
				kinds = append(kinds, version.WithResource(r.Name))
			}
		}
	}
	return kinds, nil
}

// Beyond returns, sorted, what is in this inventory and not in the earlier one.
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
