package breaks

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

const metallbNamespace = "metallb-system"

// WithoutBalancerPool removes the addresses of MetalLB: it deletes the pools, and sets autoAssign to false in pools that are
// created while the disturbance lasts, for example by a run that installs MetalLB.
func WithoutBalancerPool() Disturbance {
	return disturbance("no-balancer-pool", "takes the addresses of MetalLB away", func(ctx context.Context, c *change) error {
		objects, err := dynamic.NewForConfig(c.config)
		if err != nil {
			return fmt.Errorf("create a client: %w", err)
		}
		version, err := c.servePolicies(ctx)
		if err != nil {
			return err
		}
		resource := objects.Resource(pools()).Namespace(metallbNamespace)
		existing, err := listPools(ctx, resource)
		if err != nil {
			return err
		}
		c.onUndo(func(ctx context.Context) error {
			if err := c.awaitIdlePools(ctx, false); err != nil {
				return err
			}
			return restorePools(ctx, resource, existing)
		})
		if err := c.createPolicy(ctx, objects, version, idlePools()); err != nil {
			return err
		}
		if err := c.awaitIdlePools(ctx, true); err != nil {
			return err
		}
		for _, pool := range existing {
			if err := ignoreNotFound(resource.Delete(ctx, pool.GetName(), metav1.DeleteOptions{})); err != nil {
				return fmt.Errorf("delete the pool %s: %w", pool.GetName(), err)
			}
		}
		return nil
	})
}

func pools() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "metallb.io", Version: "v1beta1", Resource: "ipaddresspools"}
}

// idleProbe is the name of a ConfigMap that shows, in a dry run, whether the policy is in effect, because MetalLB's own kinds
// may not be served yet.
const idleProbe = "noteproof-no-balancer-pool"

// idlePools returns a policy that sets autoAssign to false in new pools of MetalLB, and marks the idleProbe.
func idlePools() policySpec {
	operations := []any{"CREATE", "UPDATE"}
	return policySpec{"no-balancer-pool", map[string]any{"resourceRules": []any{
		resourceRule(pools().Group, "*", pools().Resource, operations),
		resourceRule("", "v1", "configmaps", operations),
	}},
		`object.kind == 'IPAddressPool' || object.metadata.name == '` + idleProbe + `'`,
		`object.kind == 'IPAddressPool'
			? [JSONPatch{op: "add", path: "/spec/autoAssign", value: false}]
			: [JSONPatch{op: "add", path: "/data", value: {"seen": "yes"}}]`}
}

// awaitIdlePools waits until the policy is in effect, or until it no longer is.
func (c *change) awaitIdlePools(ctx context.Context, wanted bool) error {
	maps := c.client.CoreV1().ConfigMaps(metav1.NamespaceDefault)
	return await(ctx, fmt.Sprintf("new pools assign no addresses by themselves: %t", wanted), policyWithin, func(ctx context.Context) (string, error) {
		probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: idleProbe}}
		created, err := maps.Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil || (created.Data["seen"] != "") == wanted {
			return "", err
		}
		return fmt.Sprintf("a ConfigMap is created with the data %v", created.Data), nil
	})
}

// listPools returns MetalLB's pools; none if MetalLB is not installed.
func listPools(ctx context.Context, resource dynamic.ResourceInterface) ([]unstructured.Unstructured, error) {
	existing, err := resource.List(ctx, metav1.ListOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the pools of MetalLB: %w", err)
	}
	return existing.Items, nil
}

func restorePools(ctx context.Context, resource dynamic.ResourceInterface, pools []unstructured.Unstructured) error {
	var errs []error
	for _, pool := range pools {
		_, err := resource.Create(ctx, withoutServerFields(pool), metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			errs = append(errs, fmt.Errorf("restore the pool %s: %w", pool.GetName(), err))
		}
	}
	return errors.Join(errs...)
}

// withoutServerFields returns a copy of an object without the fields that the API server sets.
func withoutServerFields(object unstructured.Unstructured) *unstructured.Unstructured {
	copied := &unstructured.Unstructured{Object: map[string]any{"spec": object.Object["spec"]}}
	copied.SetAPIVersion(object.GetAPIVersion())
	copied.SetKind(object.GetKind())
	copied.SetName(object.GetName())
	copied.SetNamespace(object.GetNamespace())
	copied.SetLabels(object.GetLabels())
	copied.SetAnnotations(object.GetAnnotations())
	return copied
}
