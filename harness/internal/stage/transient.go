package stage

import (
	"context"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// transientWithin is how long a request is repeated that the API server could not answer.
	transientWithin = 30 * time.Second
	// transientEvery is the time between two tries.
	transientEvery = 500 * time.Millisecond
)

// Persist makes a request, and makes it again for a while as long as it fails for a reason that passes: the API server is
// away, or too busy. It returns the last error.
func Persist(ctx context.Context, request func(ctx context.Context) error) error {
	var last error
	_ = wait.PollUntilContextTimeout(ctx, transientEvery, transientWithin, true, func(ctx context.Context) (bool, error) {
		err := request(ctx)
		if err != nil && last != nil && ctx.Err() != nil {
			return true, nil // the error before says more than that the time is over
		}
		last = err
		return !Transient(err), nil
	})
	return last
}

// Transient says whether a request that failed with this error may succeed a moment later: the API server, or the storage
// behind it, was not there or not up to it.
func Transient(err error) bool {
	switch {
	case err == nil:
		return false
	case apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), apierrors.IsTooManyRequests(err), apierrors.IsServiceUnavailable(err):
		return true
	case net.IsConnectionRefused(err), net.IsConnectionReset(err), net.IsProbableEOF(err), net.IsTimeout(err), net.IsHTTP2ConnectionLost(err):
		return true
	default: // what etcd says comes through as an internal error (go.etcd.io/etcd/api/v3/v3rpc/rpctypes)
		return strings.Contains(err.Error(), "etcdserver: ")
	}
}
