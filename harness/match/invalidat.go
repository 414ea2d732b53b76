package match

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeInvalidAt matches the Answer of an API server that refused an object for the value of this one field, such as
// "spec.ports[0].nodePort".
func BeInvalidAt(field string) Described {
	return that("be refused by the API server for its "+field, func(a probe.Answer) bool {
		other := func(cause metav1.StatusCause) bool { return cause.Field != field }
		return a.Reason == metav1.StatusReasonInvalid && len(a.Causes) > 0 && !slices.ContainsFunc(a.Causes, other)
	})
}
