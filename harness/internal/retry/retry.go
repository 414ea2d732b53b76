// Package retry repeats requests that change a cluster while its API server is away. A look must not be repeated like this: it
// would hide an outage from the record.
package retry

import (
	"context"
	"errors"
	"strings"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/probe"
)

const (
	// limit is longer than an API server takes to restart, and shorter than the outage after which a run ends.
	limit = 2 * time.Minute
	// interval is the interval between two tries.
	interval = 500 * time.Millisecond
	// Settling is how long an API server that has just started may refuse everything, because it has not read its roles yet, and how
	// long a platform may take to give an account its rights in a new namespace.
	Settling = 10 * time.Second
)

// Do makes a request and retries it for up to two minutes while it fails with a transient error, and for ten seconds while the
// account lacks the permission. It returns the last error.
func Do(ctx context.Context, request func(ctx context.Context) error) error {
	var last error
	var refused time.Time // since when
	_ = wait.PollUntilContextTimeout(ctx, interval, limit, true, func(ctx context.Context) (bool, error) {
		err := request(ctx)
		if err != nil && last != nil && ctx.Err() != nil {
			return true, nil // the previous error says more than the expired context
		}
		last = err
		if !lacksPermission(err) {
			refused = time.Time{}
			return !Transient(err), nil
		}
		if refused.IsZero() {
			refused = time.Now()
		}
		return time.Since(refused) >= Settling, nil
	})
	return last
}

// Create makes a request that creates an object, like Do. owned returns whether an object that exists already is the one that
// the request creates: a try may have created it although its response was lost.
func Create(ctx context.Context, create func(ctx context.Context) error, owned func(ctx context.Context) bool) error {
	tries := 0
	return Do(ctx, func(ctx context.Context) error {
		tries++
		err := create(ctx)
		if apierrors.IsAlreadyExists(err) && tries > 1 && owned(ctx) {
			return nil
		}
		return err
	})
}

// Delete makes a request that deletes an object, like Do. It returns nil if there is no such object.
func Delete(ctx context.Context, request func(ctx context.Context) error) error {
	return Do(ctx, func(ctx context.Context) error {
		if err := request(ctx); !apierrors.IsNotFound(err) {
			return err
		}
		return nil
	})
}

// lacksPermission returns whether the authorizer refused a request, rather than an admission plugin such as a quota. Client-go
// replaces the message of such a refusal by "unknown" where the body is none of the API's, as in discovery.
func lacksPermission(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsForbidden(err) || !errors.As(err, &status) {
		return false
	}
	message := status.Status().Message
	return message == "unknown" || probe.ForbiddenUser(message) != ""
}

// Transient reports whether a request that failed with this error may succeed a moment later: the API server or its storage
// was unreachable or overloaded.
func Transient(err error) bool {
	switch {
	case err == nil, apierrors.HasStatusCause(err, policyv1.DisruptionBudgetCause):
		return false
	case apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), apierrors.IsTooManyRequests(err), apierrors.IsServiceUnavailable(err):
		return true
	case net.IsConnectionRefused(err), net.IsConnectionReset(err), net.IsProbableEOF(err), net.IsTimeout(err), net.IsHTTP2ConnectionLost(err):
		return true
	default: // the API server passes on etcd's errors as internal errors (go.etcd.io/etcd/api/v3/v3rpc/rpctypes)
		return strings.Contains(err.Error(), "etcdserver: ")
	}
}
