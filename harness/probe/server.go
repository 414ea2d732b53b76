package probe

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ServerAnswer returns the API server's answer to a request for a change that returned err: its status, and its message,
// reason and causes if it refused. It returns an error if the server could not be reached or failed, and if the refusal is not
// about the request itself: no credentials, no permission to impersonate, a quota, a policy.
func ServerAnswer(err error) (Answer, error) {
	var refusal apierrors.APIStatus
	switch {
	case err == nil:
		return Answer{Status: http.StatusOK, Connected: true, Body: "accepted"}, nil
	case errors.As(err, &refusal) && isAnswer(refusal.Status()):
		status := refusal.Status()
		answer := Answer{Status: int(status.Code), Connected: true, Body: status.Message, Reason: status.Reason}
		if status.Details != nil {
			answer.Causes = status.Details.Causes
		}
		return answer, nil
	default:
		return Answer{}, fmt.Errorf("the API server gave no answer to the request itself: %w", err)
	}
}

// OwnAnswer does what ServerAnswer does, for a request of the run's own account: that the account lacks a permission is an error, because
// it says nothing about the request.
func OwnAnswer(err error) (Answer, error) {
	if apierrors.IsForbidden(err) {
		return Answer{}, fmt.Errorf("the API server gave no answer to the request itself: %w", err)
	}
	return ServerAnswer(err)
}

// answering returns the reasons of refusals that are about the request itself. Forbidden is another one, if ForbiddenUser
// returns a user.
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
	return slices.Contains(answering(), status.Reason) || isBudget(status)
}

// isBudget returns whether an eviction was refused because of a PodDisruptionBudget.
func isBudget(status metav1.Status) bool {
	return status.Details != nil && slices.ContainsFunc(status.Details.Causes, func(c metav1.StatusCause) bool { return c.Type == policyv1.DisruptionBudgetCause })
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

// isPolicy returns whether a message is that of an admission webhook or policy, which may use any status.
func isPolicy(message string) bool {
	return strings.Contains(message, "admission webhook ") || strings.Contains(message, "ValidatingAdmissionPolicy ") || strings.Contains(message, "MutatingAdmissionPolicy ")
}

// forbidden matches the user and the verb in an authorizer's refusal (k8s.io/apiserver,
// pkg/endpoints/handlers/responsewriters/errors.go).
var forbidden = regexp.MustCompile(`User "([^"]*)" cannot ([a-z]+)`)

// ForbiddenUser returns the user who lacks a permission according to the API server's message. It is empty if the message is
// about something else, such as a quota, and if the missing permission is that to impersonate another user.
func ForbiddenUser(message string) string {
	named := forbidden.FindStringSubmatch(message)
	if named == nil || named[2] == "impersonate" {
		return ""
	}
	return named[1]
}
