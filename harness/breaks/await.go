package breaks

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// Every deadline of this package.
const (
	// undoneWithin bounds the undoing of what was applied in part.
	undoneWithin = 6 * time.Minute
	// commandWithin bounds one command on a node.
	commandWithin = time.Minute
	// lookEvery is the time between two observations, lookWithin the time of one.
	lookEvery  = 250 * time.Millisecond
	lookWithin = 10 * time.Second
	// componentWithin is the time for a component of the control plane to run with a new manifest: the kubelet notices
	// within 20 s, the old process ends within 30 s, and the lease of a leader lasts 15 s.
	componentWithin = 3 * time.Minute
	// kubeletWithin is the time for a kubelet that was restarted to report that its node is Ready.
	kubeletWithin = 2 * time.Minute
	// unreadyWithin is the time for a node whose kubelet is silent to be marked: at most 50 s by default.
	unreadyWithin = 2 * time.Minute
	// rolloutWithin is the time for a DaemonSet or a Deployment to follow its specification.
	rolloutWithin = 3 * time.Minute
	// rulesWithin is the time for the rules of kube-proxy or a route to change on one node.
	rulesWithin = time.Minute
	// policyWithin is the time for an admission policy to take effect, or to end.
	policyWithin = 90 * time.Second
	// namespaceWithin is the time for a namespace to be deleted with all that is in it.
	namespaceWithin = 2 * time.Minute
	// imageWithin is the time for containerd to change the list of images.
	imageWithin = time.Minute
	// unitWithin is the time for a systemd unit on a node to start its work or to end it.
	unitWithin = time.Minute
	// wholeWithin is the time for all parts of a cluster to be ready after the last step was undone.
	wholeWithin = 4 * time.Minute
)

// await looks until nothing is lacking. Its error says what was waited for and what was lacking at last.
func await(ctx context.Context, what string, within time.Duration, lacking func(context.Context) (string, error)) error {
	last := "nothing was observed"
	err := wait.PollUntilContextTimeout(ctx, lookEvery, within, true, func(ctx context.Context) (bool, error) {
		looking, cancel := context.WithTimeout(ctx, lookWithin)
		defer cancel()
		left, err := lacking(looking)
		if err != nil {
			if ctx.Err() == nil { // else the observation before says more
				last = err.Error()
			}
			return false, nil
		}
		last = left
		return left == "", nil
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
