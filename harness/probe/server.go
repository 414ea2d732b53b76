package probe

import (
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// ServerAnswer is what the API server answered to a request that asked for a change and returned err: its status, and
// its own words where it refused. That it could not be asked, or was not up to it, is the error.
func ServerAnswer(err error) (Answer, error) {
	var said apierrors.APIStatus
	switch {
	case err == nil:
		return Answer{Status: http.StatusOK, Body: "accepted"}, nil
	case errors.As(err, &said) && said.Status().Code/100 == 4 && !apierrors.IsTooManyRequests(err):
		return Answer{Status: int(said.Status().Code), Body: said.Status().Message}, nil
	default:
		return Answer{}, err
	}
}
