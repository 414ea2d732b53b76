package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/disturbed"
	"github.com/noteproof/noteproof/harness/internal/matrix"
	"github.com/noteproof/noteproof/harness/internal/soak"
)

func clean() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Remove our clusters and the reports; what a run that is under way holds stays",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			return errors.Join(p.removeClusters(cmd.Context()), p.removeReports())
		},
	}
}

func distclean() *cobra.Command {
	return &cobra.Command{
		Use:   "distclean",
		Short: "As clean, and remove the caches and the images that were built",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			if series := p.running(); series != "" {
				return fmt.Errorf("%s is running in %s, and builds with the caches: wait for it, or interrupt it", series, p.out)
			}
			if err := p.removeClusters(cmd.Context()); err != nil {
				return err // the caches may be in use
			}
			return errors.Join(p.removeImages(cmd.Context()), p.removeReports(), p.remove("the caches", p.cache, "NOTEPROOF_CACHE"))
		},
	}
}

// removeClusters removes every cluster of ours. Without an engine that works there are none.
func (p place) removeClusters(ctx context.Context) error {
	eng, err := p.engine(ctx)
	if err != nil {
		p.log.Say("–  no clusters are looked for: %v", err)
		return ctx.Err()
	}
	return cluster.Remove(ctx, eng, p.log)
}

// ourImages chooses the images that were built here.
const ourImages = "label=io.noteproof.built-from"

func (p place) removeImages(ctx context.Context) error {
	eng, err := p.engine(ctx)
	if err != nil {
		return ctx.Err() // removeClusters has said so
	}
	list, err := eng.Run(ctx, "images", "--quiet", "--filter", ourImages)
	if err != nil {
		return fmt.Errorf("list the images that were built here: %w", err)
	}
	ids := slices.Compact(slices.Sorted(slices.Values(strings.Fields(list))))
	if len(ids) == 0 {
		return nil
	}
	step := p.log.Step("remove %d images that were built here", len(ids))
	_, err = eng.Run(ctx, append([]string{"rmi", "--force"}, ids...)...)
	return step.End(err)
}

// running names the series that uses the folder of the records, such as "a matrix"; empty when nothing is.
func (p place) running() string {
	switch {
	case matrix.Busy(p.out):
		return "a matrix"
	case soak.Busy(p.soakDir()):
		return "a soak"
	case disturbed.Busy(p.out, evidence.Break), disturbed.Busy(p.out, evidence.Fault):
		return "a series of breaks or faults"
	default:
		return ""
	}
}

// removeReports removes the folder of the records, unless a series of runs uses it.
func (p place) removeReports() error {
	if series := p.running(); series != "" {
		p.log.Say("–  the reports stay in %s: %s is running", p.out, series)
		return nil
	}
	return p.remove("the reports", p.out, "NOTEPROOF_OUT")
}

// remove removes a folder of ours. One that a variable names may hold what is not ours; it is named, and stays.
func (p place) remove(what, dir, variable string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if os.Getenv(variable) != "" {
		p.log.Say("–  %s stay in %s, which %s names: remove them yourself", what, dir, variable)
		return nil
	}
	step := p.log.Step("remove %s in %s", what, dir)
	if err := os.RemoveAll(dir); err != nil {
		return step.End(fmt.Errorf("remove %s: %w", what, err))
	}
	return step.End(nil)
}
