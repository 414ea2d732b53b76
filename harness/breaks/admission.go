package breaks

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilversion "k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/internal/stage"
)

// Policy is a MutatingAdmissionPolicy that changes objects when they are created in the namespaces of runs. Objects in other
// namespaces are not changed. All fields are required except OnUpdate and Condition.
type Policy struct {
	// Name and Does are those of the Disturbance.
	Name, Does string
	// Resource is "pods" or "services".
	Resource string
	// OnUpdate is set if the policy also changes objects when they are updated.
	OnUpdate bool
	// Condition is a CEL expression for whether an object is changed; empty means that all are changed.
	Condition string
	// Patches is a CEL expression of a list of JSONPatch.
	Patches string
	// Probe is the spec, as YAML, of an object that the policy changes. It is created only in dry runs.
	Probe string
	// Changed returns whether the policy has changed the Probe.
	Changed func(object map[string]any) bool
}

const policyGroup = "admissionregistration.k8s.io"

// Disturbance returns a disturbance that creates the policy. It needs Kubernetes 1.33 or later. Before 1.36, where the API
// server does not serve such policies by default, it also changes the API server's flags.
func (p Policy) Disturbance() Disturbance {
	return disturbance(p.Name, p.Does, p.apply)
}

func (p Policy) apply(ctx context.Context, c *change) error {
	objects, err := dynamic.NewForConfig(c.config)
	if err != nil {
		return fmt.Errorf("create a client: %w", err)
	}
	version, err := c.servePolicies(ctx)
	if err != nil {
		return err
	}
	namespace, err := c.probeNamespace(ctx, p.Name)
	if err != nil {
		return err
	}
	c.onUndo(func(ctx context.Context) error { return p.await(ctx, objects, namespace, false) })
	if err := c.createPolicy(ctx, objects, version, p.spec()); err != nil {
		return err
	}
	return p.await(ctx, objects, namespace, true)
}

// policySpec describes a MutatingAdmissionPolicy and its binding.
type policySpec struct {
	name        string
	constraints map[string]any
	condition   string
	patches     string
}

func (p Policy) spec() policySpec {
	operations := []any{"CREATE"}
	if p.OnUpdate {
		operations = append(operations, "UPDATE")
	}
	return policySpec{p.Name, map[string]any{
		"namespaceSelector": map[string]any{"matchExpressions": []any{map[string]any{"key": stage.LabelRun, "operator": "Exists"}}},
		"resourceRules":     []any{resourceRule("", "v1", p.Resource, operations)},
	}, p.Condition, p.Patches}
}

func resourceRule(group, version, resource string, operations []any) map[string]any {
	return map[string]any{
		"apiGroups": []any{group}, "apiVersions": []any{version}, "resources": []any{resource}, "operations": operations,
	}
}

// objects returns the policy and its binding. The name of the disturbance must be a valid name of an object.
func (s policySpec) objects(version string) (policy, binding *unstructured.Unstructured) {
	name := "noteproof-" + s.name
	spec := map[string]any{
		"failurePolicy": "Fail", "reinvocationPolicy": "Never", "matchConstraints": s.constraints,
		"mutations": []any{map[string]any{"patchType": "JSONPatch", "jsonPatch": map[string]any{"expression": s.patches}}},
	}
	if s.condition != "" {
		spec["matchConditions"] = []any{map[string]any{"name": "wanted", "expression": s.condition}}
	}
	object := func(kind string, spec map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": policyGroup + "/" + version, "kind": kind, "metadata": map[string]any{"name": name}, "spec": spec,
		}}
	}
	return object("MutatingAdmissionPolicy", spec), object("MutatingAdmissionPolicyBinding", map[string]any{"policyName": name})
}

// createPolicy creates a policy and its binding, and registers their deletion. The policy takes effect a moment later.
func (c *change) createPolicy(ctx context.Context, objects dynamic.Interface, version string, spec policySpec) error {
	policy, binding := spec.objects(version)
	resource := func(name string) dynamic.ResourceInterface {
		return objects.Resource(schema.GroupVersionResource{Group: policyGroup, Version: version, Resource: name})
	}
	policies, bindings := resource("mutatingadmissionpolicies"), resource("mutatingadmissionpolicybindings")
	c.onUndo(func(ctx context.Context) error {
		return errors.Join(
			ignoreNotFound(bindings.Delete(ctx, binding.GetName(), metav1.DeleteOptions{})),
			ignoreNotFound(policies.Delete(ctx, policy.GetName(), metav1.DeleteOptions{})),
		)
	})
	if _, err := policies.Create(ctx, policy, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}); err != nil {
		return fmt.Errorf("create the policy %s: %w", policy.GetName(), err)
	}
	if _, err := bindings.Create(ctx, binding, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}); err != nil {
		return fmt.Errorf("bind the policy %s: %w", policy.GetName(), err)
	}
	return nil
}

// ignoreNotFound returns nil if the error is that an object does not exist.
func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// await creates the Probe in dry runs until the policy changes it, or until it no longer does.
func (p Policy) await(ctx context.Context, objects dynamic.Interface, namespace string, changed bool) error {
	var spec map[string]any
	if err := yaml.UnmarshalStrict([]byte(p.Probe), &spec); err != nil {
		return fmt.Errorf("read the probe of the policy %s: %w", p.Name, err)
	}
	kind := map[string]string{"pods": "Pod", "services": "Service"}[p.Resource]
	probe := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": kind, "spec": spec,
		"metadata": map[string]any{"name": "probe", "labels": map[string]any{"app": "probe"}},
	}}
	resource := objects.Resource(schema.GroupVersionResource{Version: "v1", Resource: p.Resource}).Namespace(namespace)
	what := fmt.Sprintf("new %s are changed by the policy: %t", p.Resource, changed)
	return await(ctx, what, policyWithin, func(ctx context.Context) (string, error) {
		created, err := resource.Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return "", err
		}
		if p.Changed(created.Object) != changed {
			return fmt.Sprintf("the spec is %v", created.Object["spec"]), nil
		}
		return "", nil
	})
}

// probeNamespace creates a namespace with the label of a run's namespaces, so that policies apply to it, and registers its
// deletion.
func (c *change) probeNamespace(ctx context.Context, name string) (string, error) {
	name = "noteproof-" + name
	c.onUndo(func(ctx context.Context) error { return c.deleteNamespace(ctx, name) })
	return name, c.createNamespace(ctx, name, map[string]string{stage.LabelRun: "break"})
}

// servePolicies makes the API server serve MutatingAdmissionPolicies, and returns the version of their API.
func (c *change) servePolicies(ctx context.Context) (string, error) {
	served, err := c.policyVersion()
	if err != nil || served != "" {
		return served, err
	}
	kubernetes, err := c.version()
	if err != nil {
		return "", err
	}
	var wanted string
	switch minor := kubernetes.WithPatch(0); {
	case minor.LessThan(utilversion.MustParseGeneric("1.33")):
		return "", fmt.Errorf("the API server of Kubernetes %s has no MutatingAdmissionPolicy that can change lists: this needs 1.33", kubernetes)
	case minor.LessThan(utilversion.MustParseGeneric("1.34")):
		wanted = "v1alpha1"
	default:
		wanted = "v1beta1"
	}
	err = c.setFlags(ctx, apiServer, func(command []string) []string {
		command = addToFlag(command, "runtime-config", policyGroup+"/"+wanted+"=true")
		return addToFlag(command, "feature-gates", "MutatingAdmissionPolicy=true")
	})
	return wanted, err
}

// policyVersion returns the newest version of the API in which the API server serves MutatingAdmissionPolicies; empty if it
// serves none.
func (c *change) policyVersion() (string, error) {
	for _, version := range []string{"v1", "v1beta1", "v1alpha1"} {
		resources, err := c.client.Discovery().ServerResourcesForGroupVersion(policyGroup + "/" + version)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("find out which admission policies are served: %w", err)
		}
		if slices.ContainsFunc(resources.APIResources, func(r metav1.APIResource) bool { return r.Name == "mutatingadmissionpolicies" }) {
			return version, nil
		}
	}
	return "", nil
}
