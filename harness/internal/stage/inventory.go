package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// Inventory is what is on a cluster: all cluster-scoped objects, such as namespaces, PersistentVolumes, webhook
// configurations and custom resource definitions, and the labels and taints of the nodes.
type Inventory struct {
	things map[string]bool
	// Unlisted are the resources that the API server refused to list, such as "csidrivers.storage.k8s.io", with the reason.
	// On somebody's cluster the account may not be allowed to list all of them, or an aggregated API may be down.
	Unlisted map[string]error
}

// TakeInventory lists what is on the cluster. If run is not empty, it lists only objects with this value of LabelRun: on a
// shared cluster, other objects say nothing about the run. It returns an error if the API server does not answer.
func TakeInventory(ctx context.Context, config *rest.Config, run string) (Inventory, error) {
	inventory := Inventory{things: map[string]bool{}, Unlisted: map[string]error{}}
	if err := inventory.take(ctx, config, run); err != nil {
		return Inventory{}, fmt.Errorf("take an inventory of the cluster: %w", err)
	}
	return inventory, nil
}

func (i Inventory) take(ctx context.Context, config *rest.Config, run string) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	kinds, err := clusterScopedResources(client.Discovery())
	if err != nil {
		return err
	}
	options := metav1.ListOptions{}
	if run != "" {
		options.LabelSelector = LabelRun + "=" + run
	}
	for _, kind := range kinds {
		resource := kind.GroupResource().String()
		list, err := objects.Resource(kind).List(ctx, options)
		var refused apierrors.APIStatus
		if errors.As(err, &refused) {
			i.Unlisted[resource] = err
			continue
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", resource, err)
		}
		for _, object := range list.Items {
			i.things[resource+"/"+object.Name] = true
		}
	}
	if run != "" {
		return nil
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, node := range nodes.Items {
		i.addNode(node)
	}
	return nil
}

func (i Inventory) addNode(node corev1.Node) {
	for key, value := range node.Labels {
		i.things[fmt.Sprintf("label %s=%s of node %s", key, value, node.Name)] = true
	}
	for _, taint := range node.Spec.Taints {
		i.things[fmt.Sprintf("taint %s of node %s", taint.ToString(), node.Name)] = true
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

// Beyond returns, sorted, what is in this inventory and not in the earlier one. It ignores resources that the earlier one could
// not list, and returns an error if it could list one that this one could not.
func (i Inventory) Beyond(earlier Inventory) ([]string, error) {
	for resource, err := range i.Unlisted {
		if earlier.Unlisted[resource] == nil {
			return nil, fmt.Errorf("list %s: %w", resource, err)
		}
	}
	var more []string
	for thing := range i.things {
		resource, _, _ := strings.Cut(thing, "/")
		if !earlier.things[thing] && earlier.Unlisted[resource] == nil {
			more = append(more, thing)
		}
	}
	slices.Sort(more)
	return more, nil
}
