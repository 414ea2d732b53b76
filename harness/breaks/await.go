package breaks

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// The deadlines of this package's waits and commands.
const (
	// undoneWithin is the time to undo a disturbance that was applied in part.
	undoneWithin = 6 * time.Minute
	// commandWithin is the time for one command on a node.
	commandWithin = time.Minute
	// lookEvery is the time between two observations, lookWithin the time of one.
	lookEvery  = 250 * time.Millisecond
	lookWithin = 10 * time.Second
	// componentWithin is the time for a component of the control plane to run with a new manifest: the kubelet notices
	// within 20 s, the old process ends within 30 s, and the lease of a leader lasts 15 s.
	componentWithin = 3 * time.Minute
	// kubeletWithin is the time for a restarted kubelet to report that its node is Ready.
	kubeletWithin = 2 * time.Minute
	// unreadyWithin is the time for a node whose kubelet is stopped to be marked as not Ready: at most 50 s by default.
	unreadyWithin = 2 * time.Minute
	// rolloutWithin is the time for a DaemonSet or a Deployment to follow its specification.
	rolloutWithin = 3 * time.Minute
	// rulesWithin is the time for the rules of kube-proxy or a route to change on one node.
	rulesWithin = time.Minute
	// policyWithin is the time for an admission policy to take effect, or to lose its effect.
	policyWithin = 90 * time.Second
	// namespaceWithin is the time for a namespace to be deleted with all its objects.
	namespaceWithin = 2 * time.Minute
	// imageWithin is the time for containerd to change the list of images.
	imageWithin = time.Minute
	// unitWithin is the time for a systemd unit on a node to start or to stop.
	unitWithin = time.Minute
	// wholeWithin is the time for all parts of a cluster to be ready after the last step was undone.
	wholeWithin = 4 * time.Minute
)

// await calls problem until it returns an empty string. Its error contains what was waited for and the last problem.
func await(ctx context.Context, what string, within time.Duration, problem func(context.Context) (string, error)) error {
	last := "nothing was observed"
	err := wait.PollUntilContextTimeout(ctx, lookEvery, within, true, func(ctx context.Context) (bool, error) {
		looking, cancel := context.WithTimeout(ctx, lookWithin)
		defer cancel()
		current, err := problem(looking)
		if err != nil {
			if ctx.Err() == nil { // otherwise the problem before is more useful
				last = err.Error()
			}
			return false, nil
		}
		last = current
		return current == "", nil
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("wait until %s: %w: %s", what, context.Cause(ctx), last)
	default:
		return fmt.Errorf("wait until %s: not within %s: %s", what, within, last)
	}
}
