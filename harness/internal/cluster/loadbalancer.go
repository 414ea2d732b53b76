package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"

	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/retry"
)

// metallbNamespace is the namespace that MetalLB's own manifests use.
const metallbNamespace = "metallb-system"

// LoadBalancer is a load balancer plugin that a run installs on its cluster and uninstalls again.
type LoadBalancer struct {
	c       *Cluster
	client  kubernetes.Interface
	objects dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	pool    *pool
	// clusterScoped are the objects outside of namespaces, in the order in which they were created. All other objects are in
	// a namespace among them.
	clusterScoped []created
}

type created struct {
	resource dynamic.ResourceInterface
	title    string
	name     string
}

// InstallLoadBalancer installs a load balancer plugin with a pool of addresses of the nodes' network, and waits until it is
// ready on all nodes. The caller must call Uninstall on the returned LoadBalancer, even after an error.
func (c *Cluster) InstallLoadBalancer(ctx context.Context, plugin nodeimage.Plugin) (*LoadBalancer, error) {
	b := &LoadBalancer{c: c}
	step := c.log.Step("install a load balancer plugin")
	if err := step.End(b.install(ctx, plugin)); err != nil {
		return b, fmt.Errorf("install a load balancer plugin: %w", err)
	}
	return b, nil
}

func (b *LoadBalancer) install(ctx context.Context, plugin nodeimage.Plugin) error {
	nodes, err := b.c.nodesImages(ctx)
	if err != nil {
		return err
	}
	if err := b.c.loadPlugin(ctx, plugin.Images, nodes); err != nil {
		return err
	}
	if b.pool, err = b.c.takePool(ctx); err != nil {
		return err
	}
	if err := b.connect(); err != nil {
		return err
	}
	objects, err := decode(plugin.Manifests)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := b.create(ctx, object); err != nil {
			return err
		}
	}
	configuration, err := decode(b.configuration())
	if err != nil {
		return err
	}
	for _, object := range configuration {
		if err := b.createOnceServed(ctx, object); err != nil {
			return err
		}
	}
	return b.awaitSpeakers(ctx)
}

func (b *LoadBalancer) connect() error {
	config, err := b.c.RESTConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if b.objects, err = dynamic.NewForConfig(config); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	b.client = client
	b.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	return nil
}

// configuration returns manifests by which MetalLB assigns the pool's addresses and the nodes announce them on their network
// (layer 2).
func (b *LoadBalancer) configuration() string {
	return fmt.Sprintf(`
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: noteproof, namespace: %[1]s}
spec: {addresses: ["%[2]s"]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: noteproof, namespace: %[1]s}
`, metallbNamespace, strings.Join(b.pool.ranges(), `", "`))
}

// decode parses YAML documents.
func decode(text string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bufio.NewReader(strings.NewReader(text)), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("parse the plugin's manifests: %w", err)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

func (b *LoadBalancer) create(ctx context.Context, object *unstructured.Unstructured) error {
	title := strings.ToLower(object.GetKind()) + "/" + object.GetName()
	kind := object.GroupVersionKind()
	var resource dynamic.ResourceInterface
	namespaced := false
	err := retry.Create(ctx, func(ctx context.Context) error {
		mapping, err := b.mapper.RESTMapping(kind.GroupKind(), kind.Version)
		if err != nil {
			return err
		}
		resource, namespaced = b.objects.Resource(mapping.Resource), mapping.Scope.Name() == meta.RESTScopeNameNamespace
		if namespaced {
			resource = b.objects.Resource(mapping.Resource).Namespace(object.GetNamespace())
		}
		_, err = resource.Create(ctx, object, metav1.CreateOptions{})
		return err
	}, func(context.Context) bool { return true })
	if err != nil {
		return fmt.Errorf("create %s: %w", title, err)
	}
	if !namespaced {
		b.clusterScoped = append(b.clusterScoped, created{resource, title, object.GetName()})
	}
	return nil
}

// createOnceServed creates an object of a kind that the plugin defines, as soon as the API server serves the kind and the
// plugin's webhook answers.
func (b *LoadBalancer) createOnceServed(ctx context.Context, object *unstructured.Unstructured) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, pollInterval, readyTimeout, true, func(ctx context.Context) (bool, error) {
		if last = b.create(ctx, object); meta.IsNoMatchError(errors.Unwrap(last)) {
			b.mapper.Reset()
		}
		return last == nil || apierrors.IsAlreadyExists(last), nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}

// awaitSpeakers waits until MetalLB's speaker, which announces addresses, is ready on every node, except a spare worker, whose taint
// it does not tolerate.
func (b *LoadBalancer) awaitSpeakers(ctx context.Context) error {
	nodes := b.c.spec.nodes()
	if b.c.spec.hasSpare() {
		nodes--
	}
	var last error
	err := wait.PollUntilContextTimeout(ctx, pollInterval, readyTimeout, true, func(ctx context.Context) (bool, error) {
		var sets *appsv1.DaemonSetList
		if sets, last = b.client.AppsV1().DaemonSets(metallbNamespace).List(ctx, metav1.ListOptions{}); last != nil {
			return false, nil
		}
		for _, set := range sets.Items {
			if want := int(set.Status.DesiredNumberScheduled); want < nodes || int(set.Status.NumberReady) < want {
				last = fmt.Errorf("DaemonSet %s is ready on %d of %d nodes", set.Name, set.Status.NumberReady, nodes)
			}
		}
		return last == nil, nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}

// Uninstall removes the plugin and waits until all its objects are gone. Its images stay on the nodes. A plugin that was only
// partly installed can be uninstalled too.
func (b *LoadBalancer) Uninstall(ctx context.Context) error {
	step := b.c.log.Step("uninstall the load balancer plugin")
	var errs []error
	// In reverse order: webhook configurations go before the kinds that they validate and the Pods that serve them.
	for _, object := range slices.Backward(b.clusterScoped) {
		err := retry.Delete(ctx, func(ctx context.Context) error {
			return object.resource.Delete(ctx, object.name, metav1.DeleteOptions{})
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("delete %s: %w", object.title, err))
		}
	}
	for _, object := range b.clusterScoped {
		errs = append(errs, object.waitDeleted(ctx))
	}
	if b.pool != nil {
		errs = append(errs, b.pool.lease.release())
	}
	if err := step.End(errors.Join(errs...)); err != nil {
		return fmt.Errorf("uninstall the load balancer plugin: %w", err)
	}
	return nil
}

func (o created) waitDeleted(ctx context.Context) error {
	err := wait.PollUntilContextTimeout(ctx, pollInterval, removeTimeout, true, func(ctx context.Context) (bool, error) {
		_, err := o.resource.Get(ctx, o.name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
	if err != nil {
		return fmt.Errorf("wait until %s is deleted: %w", o.title, err)
	}
	return nil
}
