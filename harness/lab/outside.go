package lab

import (
	"context"
	"errors"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/suite"
)

// startOutside starts the machine outside if a chosen scenario needs it. It is removed when the cluster is released. It also
// works with an existing cluster if the cluster's nodes are containers of the engine of this machine.
func (l *Lab) startOutside(ctx context.Context) error {
	if !slices.ContainsFunc(l.chosen(), func(s suite.Scenario) bool { return s.Asks(claim.OutsideMachine) && l.missing(s) == "" }) {
		return nil
	}
	eng, err := l.engine(ctx)
	if err != nil {
		return err
	}
	if !l.cluster.own { // what dead runs left beside clusters like this one
		if err := cluster.Sweep(ctx, eng, l.log, l.kubeconfigs(eng)); err != nil {
			l.log.Say("!  %v", err)
		}
	}
	outside, err := l.cluster.Outside(ctx, eng, nodeimage.Archive{Ref: l.cluster.image, Path: l.cluster.archive})
	if err != nil {
		return err
	}
	l.cluster.outside = outside
	release := l.cluster.release
	l.cluster.release = func(ctx context.Context, broken bool) error {
		return errors.Join(outside.Remove(ctx), release(ctx, broken))
	}
	return nil
}
