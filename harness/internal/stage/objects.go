package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/retry"
	"github.com/noteproof/noteproof/harness/probe"
)

// resourceOf finds the resource of a kind, written as Name returns it: "configmap", "persistentvolumeclaim".
func (s *Stage) resourceOf(kind string) (resource dynamic.ResourceInterface, namespaced bool, err error) {
	found, err := s.mapper.KindFor(schema.GroupVersionResource{Resource: strings.ToLower(kind)})
	if err != nil {
		return nil, false, fmt.Errorf("find the kind %s: %w", kind, err)
	}
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(found)
	return s.resource(object)
}

// Names returns the sorted names of the objects of a kind that match a label selector: those of the stage's namespace, or of
// the whole cluster if the kind is cluster-scoped.
func (s *Stage) Names(ctx context.Context, kind, selector string) ([]string, error) {
	resource, _, err := s.resourceOf(kind)
	if err != nil {
		return nil, err
	}
	list, err := resource.List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, fmt.Errorf("list %s %s: %w", kind, selector, err)
	}
	names := []string{}
	for _, object := range list.Items {
		names = append(names, object.GetName())
	}
	slices.Sort(names)
	return names, nil
}

// Label sets a label of an object, such as "node/worker-1". Close removes it again from an object outside of the stage's
// namespace.
func (s *Stage) Label(ctx context.Context, object, key, value string) (err error) {
	kind, name, _ := strings.Cut(object, "/")
	var resource dynamic.ResourceInterface
	namespaced := false
	err = retry.Do(ctx, func(context.Context) (err error) {
		resource, namespaced, err = s.resourceOf(kind)
		return err
	})
	if err != nil {
		return err
	}
	name = s.props.worker(name)
	if !namespaced && name != s.Namespace {
		if isNode := kind == "node"; isNode && !s.options.NodeLabels || !isNode && !s.options.ClusterScoped {
			return fmt.Errorf("label %s: the claim must need %s or, for what else has no namespace, %s", object, claim.NodeLabels, claim.ClusterMutation)
		}
		annotation, by := labelAnnotation(s.options.Run, key)
		defer func() {
			if !probe.RefusedByCluster(err) { // otherwise there is nothing to undo
				s.undo = append(s.undo, func(ctx context.Context) error {
					return mark(ctx, resource, name, map[string]*string{key: nil}, map[string]*string{annotation: nil})
				})
			}
		}()
		return mark(ctx, resource, name, map[string]*string{key: &value}, map[string]*string{annotation: &by})
	}
	return mark(ctx, resource, name, map[string]*string{key: &value}, nil)
}

// mark sets labels and annotations. A nil value removes one.
func mark(ctx context.Context, resource dynamic.ResourceInterface, name string, labels, annotations map[string]*string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}})
	if err != nil {
		return fmt.Errorf("label %s: %w", name, err)
	}
	err = retry.Do(ctx, func(ctx context.Context) error {
		_, err := resource.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("label %s: %w", name, err)
	}
	return nil
}

// Submit sends a document to the API server, to create its one object in the stage's namespace, and returns the API server's warnings. The
// document is unchanged, unless the cluster wants Pods to be otherwise than manifests have them. validation is the field validation, such as
// metav1.FieldValidationStrict. It returns an error if the API server rejects the document or the request fails.
func (s *Stage) Submit(ctx context.Context, document, validation string) ([]string, error) {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
		return nil, fmt.Errorf("read the kind of the document: %w", err)
	}
	text := []byte(document)
	if a := s.props.Adaptation; a != nil && (a.Restricted || len(a.Limits) > 0) {
		if adapted, err := s.Adapted(document); err == nil { // otherwise the API server says what is wrong with it
			text = adapted
		}
	}
	result, err := s.post(ctx, kind.GroupVersionKind(), text, map[string]string{"fieldValidation": validation})
	if err != nil {
		return nil, err
	}
	return warningsOf(result), result.Error()
}

// DryRun asks the API server to create an object of the manifest without storing it, and returns the object as it would be
// stored, and the API server's warnings. The API server drops fields that it does not know or has disabled. DryRun returns an
// error if the API server rejects the object or the request fails.
func (s *Stage) DryRun(ctx context.Context, object *unstructured.Unstructured) (stored map[string]any, warnings []string, err error) {
	object = s.prepare(object)
	object.SetName(object.GetName() + "-dry-run") // one of its own name may exist
	document, err := object.MarshalJSON()
	if err != nil {
		return nil, nil, fmt.Errorf("write %s as JSON: %w", Name(object), err)
	}
	result, err := s.post(ctx, object.GroupVersionKind(), document, map[string]string{"fieldValidation": metav1.FieldValidationIgnore, "dryRun": metav1.DryRunAll})
	if err != nil {
		return nil, nil, err
	}
	text, err := result.Raw()
	if err != nil {
		return nil, warningsOf(result), err
	}
	if err := json.Unmarshal(text, &stored); err != nil {
		return nil, nil, fmt.Errorf("read what the API server would store of %s: %w", Name(object), err)
	}
	return stored, warningsOf(result), nil
}

// post sends a document in YAML or JSON to create an object of this kind in the stage's namespace.
func (s *Stage) post(ctx context.Context, kind schema.GroupVersionKind, document []byte, params map[string]string) (rest.Result, error) {
	mapping, err := s.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return rest.Result{}, fmt.Errorf("the cluster does not serve %s: %w", kind, err)
	}
	root := "/apis"
	if kind.Group == "" {
		root = "/api"
	}
	request := s.client.CoreV1().RESTClient().Post().
		AbsPath(root, mapping.Resource.GroupVersion().String(), "namespaces", s.Namespace, mapping.Resource.Resource).
		WarningHandler(rest.NoWarnings{}).SetHeader("Content-Type", "application/yaml").SetHeader("Accept", "application/json").Body(document)
	for name, value := range params {
		request = request.Param(name, value)
	}
	return request.Do(ctx), nil
}

func warningsOf(result rest.Result) []string {
	var warnings []string
	for _, warning := range result.Warnings() {
		warnings = append(warnings, warning.Text)
	}
	return warnings
}

// Patch changes an object of the stage's namespace, such as "service/web", or a subresource of it, such as "pod/web/resize", by
// a strategic merge patch in YAML. The API server drops fields that it does not know or has disabled.
func (s *Stage) Patch(ctx context.Context, object, patch string) error {
	kind, name, _ := strings.Cut(object, "/")
	name, subresource, _ := strings.Cut(name, "/")
	document, err := yaml.YAMLToJSONStrict([]byte(patch))
	if err != nil {
		return fmt.Errorf("read the patch of %s: %w", object, err)
	}
	var path []string
	if subresource != "" {
		path = []string{subresource}
	}
	err = retry.Do(ctx, func(ctx context.Context) error {
		resource, namespaced, err := s.resourceOf(kind)
		if err != nil {
			return err
		}
		if !namespaced {
			return fmt.Errorf("the kind %s is cluster-scoped", kind)
		}
		_, err = resource.Patch(ctx, name, types.StrategicMergePatchType, document, metav1.PatchOptions{FieldValidation: metav1.FieldValidationIgnore}, path...)
		return err
	})
	if err != nil {
		return fmt.Errorf("patch %s: %w", object, err)
	}
	return nil
}
