package stage

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Delete deletes an object of the stage's namespace, "service/web", and lets the cluster delete what it owns. It does not
// wait for either.
func (s *Stage) Delete(ctx context.Context, object string) error {
	kind, name, _ := strings.Cut(object, "/")
	resource, inside, err := s.named(kind)
	if err == nil && !inside {
		err = fmt.Errorf("objects of the kind %s are in no namespace", kind)
	}
	if err == nil {
		background := metav1.DeletePropagationBackground
		err = resource.Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &background})
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", object, err)
	}
	return nil
}
