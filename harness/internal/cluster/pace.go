package cluster

import (
	"net/http"

	"k8s.io/client-go/util/flowcontrol"
)

// A run makes so many requests a second to the API server of an existing cluster, at most, and so many at once. It is what a controller
// of Kubernetes may make by default (kube-controller-manager, --kube-api-qps and --kube-api-burst).
const (
	requestsPerSecond = 20
	requestsAtOnce    = 30
)

func newPace() flowcontrol.RateLimiter {
	return flowcontrol.NewTokenBucketRateLimiter(requestsPerSecond, requestsAtOnce)
}

// paced lets the requests of all clients wait for their turn together, also those that client-go does not pace, such as commands in Pods.
func paced(pace flowcontrol.RateLimiter) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			if err := pace.Wait(request.Context()); err != nil {
				if request.Body != nil {
					_ = request.Body.Close() // as a RoundTripper must
				}
				return nil, err
			}
			return next.RoundTrip(request)
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
