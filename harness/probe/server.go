package probe

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ServerAnswer is what the API server answered to a request that asked for a change and returned err: its status, and its
// own words, reason and causes where it refused. It is an error when the server could not be asked or could not do it,
// and when the refusal is not about the request itself: no credentials, no right to impersonate, a quota, a policy.
func ServerAnswer(err error) (Answer, error) {
	var said apierrors.APIStatus
	switch {
	case err == nil:
		return Answer{Status: http.StatusOK, Connected: true, Body: "accepted"}, nil
	case errors.As(err, &said) && isAnswer(said.Status()):
		status := said.Status()
		answer := Answer{Status: int(status.Code), Connected: true, Body: status.Message, Reason: status.Reason}
		if status.Details != nil {
			answer.Causes = status.Details.Causes
		}
		return answer, nil
	default:
		return Answer{}, fmt.Errorf("the API server gave no answer to the request itself: %w", err)
	}
}

// answering are the reasons of refusals that are about the request itself. Forbidden is one where ForbiddenUser names a user.
func answering() []metav1.StatusReason {
	return []metav1.StatusReason{
		metav1.StatusReasonBadRequest, metav1.StatusReasonInvalid, metav1.StatusReasonNotFound, metav1.StatusReasonAlreadyExists,
		metav1.StatusReasonMethodNotAllowed, metav1.StatusReasonNotAcceptable, metav1.StatusReasonUnsupportedMediaType,
		metav1.StatusReasonRequestEntityTooLarge,
	}
}

func isAnswer(status metav1.Status) bool {
	if isPolicy(status.Message) {
		return false
	}
	if status.Reason == metav1.StatusReasonForbidden {
		return ForbiddenUser(status.Message) != ""
	}
	return slices.Contains(answering(), status.Reason)
}

// RefusedByCluster reports whether the API server refused a request for what is set up in the cluster, not for what was
// requested: by an admission policy or webhook, Pod Security, a quota, a LimitRange, or the rights of the account.
func RefusedByCluster(err error) bool {
	var said apierrors.APIStatus
	if !errors.As(err, &said) {
		return false
	}
	message := said.Status().Message
	passes := strings.Contains(message, "error looking up service account") || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) ||
		strings.Contains(message, "because it is being terminated")
	return !passes && (said.Status().Reason == metav1.StatusReasonForbidden || isPolicy(message))
}

// isPolicy reports whether an admission policy speaks, which may do so with any status.
func isPolicy(message string) bool {
	return strings.Contains(message, "admission webhook ") || strings.Contains(message, "ValidatingAdmissionPolicy ") || strings.Contains(message, "MutatingAdmissionPolicy ")
}

// forbidden is how an authorizer's refusal names the user and the verb that the user lacks (k8s.io/apiserver,
// pkg/endpoints/handlers/responsewriters/errors.go).
var forbidden = regexp.MustCompile(`User "([^"]*)" cannot ([a-z]+)`)

// ForbiddenUser is the user whom the API server's message names as lacking a right. It is empty when the message is of
// another kind, such as a quota's, and when what is lacking is the right to act as another user.
func ForbiddenUser(message string) string {
	named := forbidden.FindStringSubmatch(message)
	if named == nil || named[2] == "impersonate" {
		return ""
	}
	return named[1]
}
