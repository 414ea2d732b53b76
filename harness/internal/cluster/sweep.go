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

// Sweep removes what interrupted runs left behind: clusters that are incomplete, have a stopped node or were in use; volumes
// without a node; a network that no container uses. It keeps clusters that a live run holds, clusters that were kept for the
// next run and still run, and everything that is not ours.
func Sweep(ctx context.Context, eng *engine.Engine, log *progress.Log) error {
	return sweep(ctx, eng, log, whyLeftOver, func(string, note) error { return nil })
}

// Remove removes every cluster of ours, also those that were kept. It does not remove a cluster that a live run holds; the
// error names it.
func Remove(ctx context.Context, eng *engine.Engine, log *progress.Log) error {
	unwanted := func(string, []container) string { return "all clusters are to be removed" }
	return sweep(ctx, eng, log, unwanted, func(name string, holder note) error {
		return fmt.Errorf("the cluster %s is used by %s", name, holder)
	})
}

// sweep removes the clusters for which why returns a reason, and calls held for those that a live run holds.
func sweep(ctx context.Context, eng *engine.Engine, log *progress.Log,
	why func(phase string, parts []container) string, held func(name string, holder note) error,
) error {
	dir, err := stateDir(eng)
	if err != nil {
		return err
	}
	listed, err := containers(ctx, eng, "")
	if err != nil {
		return err
	}
	nodeVolumes, err := volumes(ctx, eng)
	if err != nil {
		return err
	}
	parts := map[string][]container{}
	names := map[string]bool{}
	for _, c := range listed {
		parts[c.Cluster] = append(parts[c.Cluster], c)
		names[c.Cluster] = true
	}
	for _, v := range nodeVolumes {
		names[v.Cluster] = true
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(names)) {
		lease, free, err := tryAcquire(dir, name)
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
		log.Say("✓  removed the network %s, left by an earlier run", shared.name)
	}
	return errors.Join(append(errs, err)...)
}

func sweepCluster(ctx context.Context, eng *engine.Engine, log *progress.Log, lease *lease, name, why string) error {
	if why == "" {
		return nil
	}
	step := log.Step("remove the cluster %s, left by an earlier run: %s", name, why)
	err := removeContainers(ctx, eng, name)
	if path := lease.read().Kubeconfig; err == nil && path != "" {
		err = removeKubeconfig(path)
	}
	if err == nil {
		err = lease.write(gone, "")
	}
	return step.End(err)
}

// whyLeftOver says why a cluster that no live run holds is to be removed; empty if it may be reused. It is pure.
func whyLeftOver(phase string, parts []container) string {
	nodes := 0
	for _, c := range parts {
		if !c.isNode() {
			continue
		}
		nodes++
		if !c.Running {
			return fmt.Sprintf("its node %s is not running", c.Name)
		}
	}
	switch {
	case nodes == 0:
		return "it has no nodes"
	case phase == making:
		return "its creation was never finished"
	case phase == inUse:
		return "the run that used it was interrupted"
	default:
		return ""
	}
}
