package scenario

import (
	"context"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// A body uses these methods for what the handle does not offer. Objects that it creates in the claim's namespace are deleted
// with the namespace. Changes that it makes elsewhere it must undo with T().Cleanup, which runs before the namespace is deleted.

// Context returns a context that ends when the scenario times out or the run is interrupted. Every call of the body should
// take it. A cleanup function needs its own context (context.WithoutCancel), because this one may have ended when it runs.
func (s *S) Context() context.Context { return s.ctx }

// Client returns this scenario's client of the cluster's API. It has all permissions of the run.
func (s *S) Client() kubernetes.Interface { return s.cluster.Client }

// RESTConfig returns a copy of the client's configuration, for clients of other APIs, such as those of custom resources.
func (s *S) RESTConfig() *rest.Config { return rest.CopyConfig(s.cluster.Config) }

// T returns the scenario's test. A failure reported to it fails the run, and does not answer the claim. What a body observes
// belongs in a point, and what it needs in a step: a point or a step that fails makes the claim inconclusive.
func (s *S) T() T { return s.t }

// Fail ends the scenario because it cannot continue: the claim is inconclusive for this reason. It is for errors of calls
// that the body makes through Client or RESTConfig.
func (s *S) Fail(format string, args ...any) {
	s.t.Helper()
	s.abort(format, args...)
}
