package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// Sweep removes what runs that were cut off have left under our names: clusters that are half-made, dead, or were in
// use; volumes without a node; a network that nobody uses. It leaves alone what a living run holds, what was kept for the
// next run and still runs, and everything that is not ours. A caller that wants the cluster of a name calls Up as well.
func Sweep(ctx context.Context, eng *engine.Engine, log *progress.Log) error {
	return sweep(ctx, eng, log, leftOver, func(string, note) error { return nil })
}

// Remove removes every cluster of ours, also those that were kept. It leaves alone what a living run holds, and says so in
// its error.
func Remove(ctx context.Context, eng *engine.Engine, log *progress.Log) error {
	unwanted := func(string, []container) string { return "it is not wanted any more" }
	return sweep(ctx, eng, log, unwanted, func(name string, holder note) error {
		return fmt.Errorf("the cluster %s belongs to %s", name, holder)
	})
}

// sweep removes the clusters for which why gives a reason, and calls held for those that a living run holds.
func sweep(ctx context.Context, eng *engine.Engine, log *progress.Log,
	why func(phase string, parts []container) string, held func(name string, holder note) error,
) error {
	dir, err := stateDir()
	if err != nil {
		return err
	}
	there, err := containers(ctx, eng, "")
	if err != nil {
		return err
	}
	loose, err := volumes(ctx, eng)
	if err != nil {
		return err
	}
	parts := map[string][]container{}
	names := map[string]bool{}
	for _, c := range there {
		parts[c.Cluster] = append(parts[c.Cluster], c)
		names[c.Cluster] = true
	}
	for _, v := range loose {
		names[v.Cluster] = true
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(names)) {
		lease, free, err := tryTake(dir, name)
		switch {
		case err != nil:
		case !free:
			err = held(name, lease.read())
		default:
			err = errors.Join(sweepCluster(ctx, eng, log, lease, name, why(lease.read().Phase, parts[name])), lease.release())
		}
		errs = append(errs, err)
	}
	shared := newNetwork(eng, dir)
	removed, err := shared.remove(ctx)
	if removed {
		log.Say("✓  removed the network %s, which an earlier run had left", shared.name)
	}
	return errors.Join(append(errs, err)...)
}

func sweepCluster(ctx context.Context, eng *engine.Engine, log *progress.Log, lease *lease, name, why string) error {
	if why == "" {
		return nil
	}
	step := log.Step("remove the cluster %s, which an earlier run left: %s", name, why)
	err := removeContainers(ctx, eng, name)
	if path := lease.read().Kubeconfig; err == nil && path != "" {
		err = removeKubeconfig(path)
	}
	if err == nil {
		err = lease.tell(gone, "")
	}
	return step.End(err)
}

// leftOver says why a cluster that no living run holds is rubbish; empty when it is not. It is pure.
func leftOver(phase string, parts []container) string {
	nodes := 0
	for _, c := range parts {
		if !c.node() {
			continue
		}
		nodes++
		if !c.Running {
			return fmt.Sprintf("its node %s does not run", c.Name)
		}
	}
	switch {
	case nodes == 0:
		return "it has no nodes any more"
	case phase == making:
		return "it was never finished"
	case phase == inUse:
		return "the run that used it was cut off"
	default:
		return ""
	}
}
