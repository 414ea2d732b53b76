package lab

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/stage"
)

// inventory lists the objects on the cluster: all of them on a cluster that the run created, only those with the run's label
// on an existing one.
func (l *Lab) inventory(ctx context.Context) (stage.Inventory, error) {
	run := ""
	if !l.cluster.own {
		run = l.id
	}
	return stage.TakeInventory(ctx, l.rest, run)
}

// sweptWithin is how long the removal of what dead runs left on an existing cluster may take.
const sweptWithin = time.Minute

// sweepAbandoned removes from an existing cluster what runs left that are not there any more. What cannot be removed fails no run but its
// own.
func (l *Lab) sweepAbandoned(ctx context.Context) {
	if l.cluster.own {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, sweptWithin)
	defer cancel()
	swept, err := stage.SweepCluster(ctx, l.rest, l.cluster.image, l.settings.allowed.Allow(environ.HostPaths))
	for _, removed := range swept.Removed {
		l.log.Say("   removed %s", removed)
	}
	if err != nil {
		l.log.Say("!  %v", err)
	}
}

// takeInventory keeps what is on the cluster before the run, and says what of it cannot be listed.
func (l *Lab) takeInventory(ctx context.Context) error {
	before, err := l.inventory(ctx)
	if err != nil {
		return err
	}
	l.before = &before
	if len(before.Unlisted) > 0 {
		l.log.Say("!  the API server does not list %s, so what the run might leave behind of them will not be noticed",
			strings.Join(slices.Sorted(maps.Keys(before.Unlisted)), ", "))
	}
	return nil
}

// residue compares the objects on the cluster with those before the run. Its error lists what the run left behind.
func (l *Lab) residue(ctx context.Context) error {
	l.closing.Wait()
	if l.before == nil || l.notClosed != nil {
		return l.notClosed
	}
	ctx, cancel := context.WithTimeout(ctx, l.settings.timeouts.Cleanup)
	defer cancel()
	var left []string
	var listErr error
	// A deleted object may take a moment to disappear, such as a PersistentVolume whose data is being removed.
	err := wait.PollUntilContextCancel(ctx, l.settings.timeouts.Poll, true, func(ctx context.Context) (bool, error) {
		after, err := l.inventory(ctx)
		var more []string
		if err == nil {
			more, err = after.Beyond(*l.before)
		}
		if l.hanging != "" { // they are deleted, and go when all APIs answer
			more = slices.DeleteFunc(more, func(thing string) bool { return strings.HasPrefix(thing, "namespaces/") })
		}
		if err != nil {
			if ctx.Err() == nil { // otherwise the result before is more useful
				listErr = err
			}
			return false, nil
		}
		left, listErr = more, nil
		return len(left) == 0, nil
	})
	switch {
	case err == nil:
		return nil
	case listErr != nil:
		return fmt.Errorf("the cluster could not be compared with its state before the run: %w", listErr)
	default:
		return fmt.Errorf("the run left behind on the cluster: %s", strings.Join(left, ", "))
	}
}
