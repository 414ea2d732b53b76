package lab

import (
	"context"
	"errors"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
)

// bringOutside starts the machine outside if a chosen scenario needs it; it goes when the cluster is released. Beside a
// cluster that others made it is available as well, as long as its nodes are containers of an engine here.
func (l *Lab) bringOutside(ctx context.Context) error {
	if !anyNeeds(l.chosen(), claim.OutsideMachine) {
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
	back := l.cluster.release
	l.cluster.release = func(ctx context.Context, broken bool) error {
		return errors.Join(outside.Remove(ctx), back(ctx, broken))
	}
	return nil
}
