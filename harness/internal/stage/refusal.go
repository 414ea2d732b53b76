package stage

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/noteproof/noteproof/harness/probe"
)

// Refusal is the error of an object that the cluster does not allow: an admission policy or webhook, Pod Security, a quota, a
// LimitRange or RBAC is against it, not the object itself.
type Refusal struct {
	Object string // "Pod web"
	Err    error  // the API server's
}

func (e *Refusal) Error() string { return fmt.Sprintf("create %s: %v", e.Object, e.Err) }

// Unwrap returns the API server's error.
func (e *Refusal) Unwrap() error { return e.Err }

// refusal wraps the error of a create.
func refusal(object *unstructured.Unstructured, err error) error {
	if probe.RefusedByCluster(err) {
		return &Refusal{Name(object), err}
	}
	return fmt.Errorf("create %s: %w", Name(object), err)
}

// tryPods creates the Pods of the manifest, and those of its controllers, in dry runs. A controller's Pods are refused after
// the controller was accepted, which otherwise shows as Pods that do not come. It returns the first *Refusal; any other error
// is left to the real creation.
func (s *Stage) tryPods(ctx context.Context, manifest *Manifest) error {
	for _, object := range manifest.Objects {
		pod := podOf(s.prepare(object))
		if _, later := object.GetAnnotations()[Later]; later || pod == nil {
			continue
		}
		s.label(pod)
		resource, _, err := s.resource(pod)
		if err != nil {
			continue
		}
		_, err = resource.Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		var refused *Refusal
		if err != nil && errors.As(refusal(object, err), &refused) {
			return fmt.Errorf("%s: %w", manifest.Path, refused)
		}
	}
	return nil
}

// podOf is the Pod that an object is, or a Pod of those that a controller makes; nil when it is about none.
func podOf(object *unstructured.Unstructured) *unstructured.Unstructured {
	if object.GetKind() == "Pod" {
		return object.DeepCopy()
	}
	template, found, err := unstructured.NestedMap(object.Object, templatePath(object)...)
	if err != nil || !found || template["spec"] == nil {
		return nil
	}
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetGenerateName(object.GetName() + "-")
	return pod
}
