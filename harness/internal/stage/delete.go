package stage

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Delete deletes an object of the stage's namespace, such as "service/web", with background propagation to what it owns. It
// does not wait until they are gone.
func (s *Stage) Delete(ctx context.Context, object string) error {
	kind, name, _ := strings.Cut(object, "/")
	resource, namespaced, err := s.resourceOf(kind)
	if err == nil && !namespaced {
		err = fmt.Errorf("the kind %s is cluster-scoped", kind)
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
