package lab

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/noteproof/noteproof/harness/internal/stage"
)

// inventory lists what is on the cluster: all of it on a cluster of our own, on another only what carries the run's label.
func (l *Lab) inventory(ctx context.Context) (stage.Inventory, error) {
	run := ""
	if !l.cluster.own {
		run = l.id
	}
	return stage.TakeInventory(ctx, l.rest, run)
}

// residue compares the cluster with what was on it before the run. Its error lists what the run left behind.
func (l *Lab) residue(ctx context.Context) error {
	if l.before == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, l.settings.timeouts.Cleanup)
	defer cancel()
	var left []string
	var looked error
	// What was deleted may take a moment to go, such as a PersistentVolume whose data is being removed.
	err := wait.PollUntilContextCancel(ctx, l.settings.timeouts.Poll, true, func(ctx context.Context) (bool, error) {
		after, err := l.inventory(ctx)
		if err != nil {
			if ctx.Err() == nil { // else the look before says more
				looked = err
			}
			return false, nil
		}
		left, looked = after.Beyond(l.before), nil
		return len(left) == 0, nil
	})
	switch {
	case err == nil:
		return nil
	case looked != nil:
		return fmt.Errorf("the cluster could not be compared with what it was before the run: %w", looked)
	default:
		return fmt.Errorf("the run left behind on the cluster: %s", strings.Join(left, ", "))
	}
}
