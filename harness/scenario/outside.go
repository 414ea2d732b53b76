package scenario

import (
	"context"
	"errors"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/cluster"
	"github.com/noteproof/noteproof/harness/nodeimage"
	"github.com/noteproof/noteproof/harness/probe"
)

// Outside is a Shell on a machine that is on the nodes' network, is not part of the cluster and has no default route. A
// claim that looks from there needs claim.OutsideMachine.
func (s *S) Outside() probe.Shell {
	s.t.Helper()
	return probe.NewShell("from outside the cluster", s.outside().Run)
}

// OutsideAddress is the address of the machine outside on the nodes' network.
func (s *S) OutsideAddress() string {
	s.t.Helper()
	return s.outside().Address
}

func (s *S) outside() *cluster.Outside {
	s.t.Helper()
	if s.lab.cluster.outside == nil {
		s.abort("the scenario is wrong: its claim does not say that it needs %s", claim.OutsideMachine)
	}
	return s.lab.cluster.outside
}

// bringOutside starts the machine outside if a chosen scenario needs it; it goes when the cluster is given back. Beside a
// cluster that others made it can be had as well, as long as its nodes are containers of an engine here.
func (l *Lab) bringOutside(ctx context.Context) error {
	needed := func(one Scenario) bool { return slices.Contains(one.Needs, claim.OutsideMachine) }
	if !slices.ContainsFunc(l.chosen(), needed) {
		return nil
	}
	eng, err := l.engine(ctx)
	if err != nil {
		return err
	}
	outside, err := l.cluster.Outside(ctx, eng, nodeimage.Archive{Ref: l.cluster.image, Path: l.cluster.archive})
	if err != nil {
		return err
	}
	l.cluster.outside = outside
	back := l.cluster.giveBack
	l.cluster.giveBack = func(ctx context.Context) error { return errors.Join(outside.Remove(ctx), back(ctx)) }
	return nil
}
