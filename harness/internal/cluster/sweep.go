package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// Sweep removes what dead runs left in the engine, whoever started them: clusters that nobody uses or keeps, or that have a stopped
// node; companions and volumes without nodes; a network that no container uses. It keeps what a live run uses, clusters that were kept for
// the next run and still run, and everything that is not ours. kubeconfigs is the folder with this user's kubeconfigs of the engine's
// clusters; those of removed ones are removed.
func Sweep(ctx context.Context, eng *engine.Engine, log *progress.Log, kubeconfigs string) error {
	s := sweeper{eng, log, kubeconfigs}
	return s.sweep(ctx, whyLeftOver, func(string, holder) error { return nil })
}

// Remove removes every cluster of ours, also those that this user has kept. It does not remove a cluster that a live run uses, which the
// error names, and one that another user keeps, which it logs.
func Remove(ctx context.Context, eng *engine.Engine, log *progress.Log, kubeconfigs string) error {
	s := sweeper{eng, log, kubeconfigs}
	unwanted := func(parts []container) string {
		if mark := keptMark(parts); mark != nil && mark.holder.Owner != self().Owner && whyLeftOver(parts) == "" {
			log.Say("–  the cluster %s stays: %s keeps it", parts[0].Cluster, mark.holder.Owner)
			return ""
		}
		return "all clusters are to be removed"
	}
	return s.sweep(ctx, unwanted, func(name string, by holder) error {
		return fmt.Errorf("the cluster %s is used by %s", name, by)
	})
}

type sweeper struct {
	eng         *engine.Engine
	log         *progress.Log
	kubeconfigs string
}

// sweep removes the clusters for which why returns a reason, and calls used for those that a live run uses.
func (s sweeper) sweep(ctx context.Context, why func(parts []container) string, used func(name string, by holder) error) error {
	held, err := leases(ctx, s.eng) // before the containers are listed: a run has a lease before it has a cluster
	if err != nil {
		return err
	}
	listed, err := containers(ctx, s.eng, "")
	if err != nil {
		return err
	}
	nodeVolumes, err := volumes(ctx, s.eng)
	if err != nil {
		return err
	}
	parts := map[string][]container{}
	for _, c := range listed {
		parts[c.Cluster] = append(parts[c.Cluster], c)
	}
	for _, v := range nodeVolumes {
		if _, known := parts[v.Cluster]; !known && v.Cluster != "" {
			parts[v.Cluster] = nil
		}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		by, inUse := held[name]
		if !inUse {
			by, inUse, err = s.sweepCluster(ctx, name, parts[name], why)
			errs = append(errs, err)
		}
		if inUse {
			errs = append(errs, used(name, by))
		}
	}
	shared := newNetwork(s.eng)
	removed, err := shared.remove(ctx)
	if removed {
		s.log.Say("✓  removed the network %s, left by an earlier run", shared.name)
	}
	return errors.Join(append(errs, err)...)
}

// sweepCluster removes a cluster under its lease, unless another run has acquired that since.
func (s sweeper) sweepCluster(ctx context.Context, name string, parts []container, why func([]container) string) (by holder, inUse bool, err error) {
	reason := why(parts)
	if reason == "" {
		return by, false, nil
	}
	node := slices.IndexFunc(parts, container.isNode)
	if node < 0 { // no image is known by which to acquire its lease
		held, err := leases(ctx, s.eng)
		if by, is := held[name]; is || err != nil {
			return by, is, err
		}
		parts = slices.DeleteFunc(parts, func(c container) bool { return !c.Running && c.holder.starting() })
		step := s.log.Step("remove what is left of the cluster %s: %s", name, reason)
		err = removeParts(ctx, s.eng, name, parts)
		if again, listed := containers(ctx, s.eng, name); listed == nil && len(again) == 0 { // a new cluster of this name has nodes before it has a kubeconfig
			err = errors.Join(err, removeKubeconfig(filepath.Join(s.kubeconfigs, name)))
		}
		return by, false, step.End(err)
	}
	lease, by, err := tryAcquire(ctx, s.eng, name, parts[node].ImageRef)
	if lease == nil {
		return by, err == nil, err
	}
	// A run may have used it meanwhile, and kept it.
	if parts, err = containers(ctx, s.eng, name); err == nil && (len(parts) == 0 || why(parts) != "") {
		step := s.log.Step("remove the cluster %s, left by an earlier run: %s", name, reason)
		err = step.End(errors.Join(removeContainers(ctx, s.eng, name), removeKubeconfig(filepath.Join(s.kubeconfigs, name))))
	}
	return by, false, errors.Join(err, lease.release())
}

// whyLeftOver says why a cluster that no live run uses is to be removed; empty if it may be reused. It is pure.
func whyLeftOver(parts []container) string {
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
	case keptMark(parts) == nil:
		return "the run that created or used it was interrupted"
	default:
		return ""
	}
}

// keptMark returns the container that marks a cluster as kept, which says by whom and for what; nil if nobody kept it.
func keptMark(parts []container) *container {
	if i := slices.IndexFunc(parts, func(c container) bool { return c.kept != "" }); i >= 0 {
		return &parts[i]
	}
	return nil
}
