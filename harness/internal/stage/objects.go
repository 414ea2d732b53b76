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
)

// named finds the resource of a kind written as in Name: "configmap", "persistentvolumeclaim".
func (s *Stage) named(kind string) (resource dynamic.ResourceInterface, inside bool, err error) {
	found, err := s.mapper.KindFor(schema.GroupVersionResource{Resource: strings.ToLower(kind)})
	if err != nil {
		return nil, false, fmt.Errorf("find the kind %s: %w", kind, err)
	}
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(found)
	return s.resource(object)
}

// Names lists by name the objects of a kind that a label selector selects: those of the stage's namespace, or of the
// whole cluster when the kind has no namespace.
func (s *Stage) Names(ctx context.Context, kind, selector string) ([]string, error) {
	resource, _, err := s.named(kind)
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

// Label sets a label of an object, "node/worker-1". Close takes it away again from an object outside of the stage's
// namespace.
func (s *Stage) Label(ctx context.Context, object, key, value string) error {
	kind, name, _ := strings.Cut(object, "/")
	resource, inside, err := s.named(kind)
	if err != nil {
		return err
	}
	name = s.props.worker(name)
	if !inside && name != s.Namespace {
		s.undo = append(s.undo, func(ctx context.Context) error { return label(ctx, resource, name, key, nil) })
	}
	return label(ctx, resource, name, key, &value)
}

// label sets a label; a nil value takes it away.
func label(ctx context.Context, resource dynamic.ResourceInterface, name, key string, value *string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]*string{key: value}}})
	if err != nil {
		return fmt.Errorf("label %s: %w", name, err)
	}
	if _, err := resource.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		return fmt.Errorf("label %s: %w", name, err)
	}
	return nil
}

// Submit sends a document to the API server byte for byte, to create the one object in it in the stage's namespace, and
// returns the API server's warnings. Validation, such as metav1.FieldValidationStrict, says what becomes of unknown
// fields. The error is the API server's refusal, or that it could not be asked.
func (s *Stage) Submit(ctx context.Context, document, validation string) ([]string, error) {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
		return nil, fmt.Errorf("read the kind of what is submitted: %w", err)
	}
	group := kind.GroupVersionKind()
	mapping, err := s.mapper.RESTMapping(group.GroupKind(), group.Version)
	if err != nil {
		return nil, fmt.Errorf("the cluster does not serve %s: %w", group, err)
	}
	root := "/apis"
	if group.Group == "" {
		root = "/api"
	}
	result := s.client.CoreV1().RESTClient().Post().
		AbsPath(root, mapping.Resource.GroupVersion().String(), "namespaces", s.Namespace, mapping.Resource.Resource).
		Param("fieldValidation", validation).WarningHandler(rest.NoWarnings{}).
		SetHeader("Content-Type", "application/yaml").SetHeader("Accept", "application/json").
		Body([]byte(document)).Do(ctx)
	var warnings []string
	for _, warning := range result.Warnings() {
		warnings = append(warnings, warning.Text)
	}
	return warnings, result.Error()
}
