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
	// retryTimeout limits how long Persist retries a request.
	retryTimeout = 30 * time.Second
	// retryInterval is the interval between two tries.
	retryInterval = 500 * time.Millisecond
)

// Persist makes a request and retries it for up to 30 seconds while it fails with a transient error, such as an API server that
// is unreachable or overloaded. It returns the last error.
func Persist(ctx context.Context, request func(ctx context.Context) error) error {
	var last error
	_ = wait.PollUntilContextTimeout(ctx, retryInterval, retryTimeout, true, func(ctx context.Context) (bool, error) {
		err := request(ctx)
		if err != nil && last != nil && ctx.Err() != nil {
			return true, nil // the previous error says more than the expired context
		}
		last = err
		return !Transient(err), nil
	})
	return last
}

// Transient reports whether a request that failed with this error may succeed a moment later: the API server or its storage
// was unreachable or overloaded.
func Transient(err error) bool {
	switch {
	case err == nil:
		return false
	case apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), apierrors.IsTooManyRequests(err), apierrors.IsServiceUnavailable(err):
		return true
	case net.IsConnectionRefused(err), net.IsConnectionReset(err), net.IsProbableEOF(err), net.IsTimeout(err), net.IsHTTP2ConnectionLost(err):
		return true
	default: // the API server passes on etcd's errors as internal errors (go.etcd.io/etcd/api/v3/v3rpc/rpctypes)
		return strings.Contains(err.Error(), "etcdserver: ")
	}
}
