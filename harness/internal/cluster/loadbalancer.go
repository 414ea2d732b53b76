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
)

// metallbNamespace is where MetalLB's own manifests put it.
const metallbNamespace = "metallb-system"

// LoadBalancer is a load balancer plugin that a run adds to its cluster, and takes away again.
type LoadBalancer struct {
	c       *Cluster
	client  kubernetes.Interface
	objects dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	pool    *pool
	// apart are the objects outside of namespaces, in the order in which they were created. All others lie in
	// a namespace among them.
	apart []created
}

type created struct {
	resource dynamic.ResourceInterface
	title    string
	name     string
}

// InstallLoadBalancer adds a load balancer plugin with a pool of addresses of the nodes' network, and returns when it
// works on all nodes. The caller ends with Uninstall, also when an error comes with the LoadBalancer.
func (c *Cluster) InstallLoadBalancer(ctx context.Context, plugin nodeimage.Plugin) (*LoadBalancer, error) {
	b := &LoadBalancer{c: c}
	step := c.log.Step("install a load balancer plugin")
	if err := step.End(b.install(ctx, plugin)); err != nil {
		return b, fmt.Errorf("install a load balancer plugin: %w", err)
	}
	return b, nil
}

func (b *LoadBalancer) install(ctx context.Context, plugin nodeimage.Plugin) error {
	for _, image := range plugin.Images {
		if err := b.c.load(ctx, image); err != nil {
			return err
		}
	}
	var err error
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

// configuration says which addresses MetalLB hands out, and that the nodes announce them on their network (layer 2).
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
`, metallbNamespace, b.pool)
}

// decode reads YAML documents.
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
			return nil, fmt.Errorf("read the plugin's manifests: %w", err)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

func (b *LoadBalancer) create(ctx context.Context, object *unstructured.Unstructured) error {
	title := strings.ToLower(object.GetKind()) + "/" + object.GetName()
	kind := object.GroupVersionKind()
	mapping, err := b.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return fmt.Errorf("create %s: %w", title, err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		_, err = b.objects.Resource(mapping.Resource).Namespace(object.GetNamespace()).Create(ctx, object, metav1.CreateOptions{})
	} else if _, err = b.objects.Resource(mapping.Resource).Create(ctx, object, metav1.CreateOptions{}); err == nil {
		b.apart = append(b.apart, created{b.objects.Resource(mapping.Resource), title, object.GetName()})
	}
	if err != nil {
		return fmt.Errorf("create %s: %w", title, err)
	}
	return nil
}

// createOnceServed creates an object of a kind that the plugin brings, as soon as the API server knows the kind and the
// plugin's webhook answers.
func (b *LoadBalancer) createOnceServed(ctx context.Context, object *unstructured.Unstructured) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, lookEvery, readyWithin, true, func(ctx context.Context) (bool, error) {
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

// awaitSpeakers waits until every node has what announces addresses.
func (b *LoadBalancer) awaitSpeakers(ctx context.Context) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, lookEvery, readyWithin, true, func(ctx context.Context) (bool, error) {
		var sets *appsv1.DaemonSetList
		if sets, last = b.client.AppsV1().DaemonSets(metallbNamespace).List(ctx, metav1.ListOptions{}); last != nil {
			return false, nil
		}
		for _, set := range sets.Items {
			if want := int(set.Status.DesiredNumberScheduled); want < b.c.spec.nodes() || int(set.Status.NumberReady) < want {
				last = fmt.Errorf("%s is ready on %d nodes of %d", set.Name, set.Status.NumberReady, b.c.spec.nodes())
			}
		}
		return last == nil, nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}

// Uninstall takes the plugin away and waits until nothing of it is left but its images. Uninstalling what was only
// installed in part is fine.
func (b *LoadBalancer) Uninstall(ctx context.Context) error {
	step := b.c.log.Step("uninstall the load balancer plugin")
	var errs []error
	// Last first: webhooks go before the kinds that they watch over, and before the Pods that answer for them.
	for _, object := range slices.Backward(b.apart) {
		if err := object.resource.Delete(ctx, object.name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("delete %s: %w", object.title, err))
		}
	}
	for _, object := range b.apart {
		errs = append(errs, object.gone(ctx))
	}
	if b.pool != nil {
		errs = append(errs, b.pool.lock.Unlock())
	}
	if err := step.End(errors.Join(errs...)); err != nil {
		return fmt.Errorf("uninstall the load balancer plugin: %w", err)
	}
	return nil
}

func (o created) gone(ctx context.Context) error {
	err := wait.PollUntilContextTimeout(ctx, lookEvery, removedWithin, true, func(ctx context.Context) (bool, error) {
		_, err := o.resource.Get(ctx, o.name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
	if err != nil {
		return fmt.Errorf("%s does not go: %w", o.title, err)
	}
	return nil
}
