package scenario

import (
	"context"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// What the handle does not offer a body does by itself, with these. What it creates in the claim's namespace goes with that;
// what it creates or changes elsewhere it must take back, by T().Cleanup, which runs before the namespace is removed.

// Context ends when the scenario's time is over or the run is interrupted. Every call of the body should take it; a cleanup
// needs one of its own (context.WithoutCancel), since that runs when this one has ended.
func (s *S) Context() context.Context { return s.ctx }

// Client is a client of the cluster's API with all the rights of the run. It is this scenario's own.
func (s *S) Client() kubernetes.Interface { return s.cluster.Client }

// RESTConfig is a copy of what the client was made of, for clients of other APIs, such as those of custom resources.
func (s *S) RESTConfig() *rest.Config { return rest.CopyConfig(s.cluster.Config) }

// T is the scenario's test. A failure that is reported to it is one of the run, and no answer to the claim: what a body
// observes belongs in a point, and what it needs in a step, which make the claim inconclusive when they do not come about.
func (s *S) T() T { return s.t }

// Fail ends the scenario because it could not be carried out: the claim is inconclusive, and this says why. It is for
// errors of calls that the body makes by Client or RESTConfig.
func (s *S) Fail(format string, args ...any) {
	s.t.Helper()
	s.abort(format, args...)
}
