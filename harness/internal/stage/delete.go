package stage

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/retry"
)

// Delete deletes an object of the stage's namespace, such as "service/web", with background propagation to what it owns. It
// does not wait until they are gone.
func (s *Stage) Delete(ctx context.Context, object string) error {
	kind, name, _ := strings.Cut(object, "/")
	err := retry.Do(ctx, func(ctx context.Context) error {
		resource, namespaced, err := s.resourceOf(kind)
		if err != nil {
			return err
		}
		if !namespaced {
			return fmt.Errorf("the kind %s is cluster-scoped", kind)
		}
		background := metav1.DeletePropagationBackground
		return resource.Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &background})
	})
	if err != nil {
		return fmt.Errorf("delete %s: %w", object, err)
	}
	return nil
}
