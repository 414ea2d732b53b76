package match

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeAccepted matches the Answer of an API server that accepted the request.
func BeAccepted() Described {
	return That("be accepted by the API server", func(a probe.Answer) bool { return a.Status/100 == 2 })
}

// BeInvalid matches the Answer of an API server that refused a request because of its content: it could not be parsed, or a
// field is not allowed. The status's reason decides, not its code, which admission policies use as well.
func BeInvalid() Described {
	return That("be refused by the API server as invalid", func(a probe.Answer) bool {
		return a.Reason == metav1.StatusReasonBadRequest || a.Reason == metav1.StatusReasonInvalid
	})
}

// BeForbidden matches the Answer of an API server to a user without permission, in which it names the user.
func BeForbidden() Described {
	return That("be forbidden", func(a probe.Answer) bool {
		return a.Reason == metav1.StatusReasonForbidden && probe.ForbiddenUser(a.Body) != ""
	})
}

// BeInvalidAt matches the Answer of an API server that refused an object only because of the value of this field, such as
// "spec.ports[0].nodePort".
func BeInvalidAt(field string) Described {
	return That("be refused by the API server for its "+field, func(a probe.Answer) bool {
		other := func(cause metav1.StatusCause) bool { return cause.Field != field }
		return a.Reason == metav1.StatusReasonInvalid && len(a.Causes) > 0 && !slices.ContainsFunc(a.Causes, other)
	})
}
