package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/disturbed"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/matrix"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/soak"
	"github.com/noteproof/noteproof/harness/internal/stage"
)

func clean() *cobra.Command {
	var kubeconfig, kubeContext string
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove noteproof's clusters and the reports, except those that a current run uses",
		Long: "The clusters are all that noteproof created on this machine's engine, of whichever notes, except those that other users keep.\n" +
			"The reports are the directory out in this one, if it has records of noteproof.\n\n" +
			"With --kubeconfig it removes instead what runs left on an existing cluster that are not there any more: namespaces,\n" +
			"PersistentVolumes and the like, labels of nodes, and folders on nodes.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := newDirs()
			if err != nil {
				return err
			}
			if kubeconfig != "" {
				return d.cleanCluster(cmd.Context(), kubeconfig, kubeContext)
			}
			if kubeContext != "" {
				return exit{exitUsage, fmt.Errorf("--context %s needs --kubeconfig", kubeContext)}
			}
			return errors.Join(d.removeClusters(cmd.Context()), d.removeReports())
		},
	}
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "a kubeconfig, or a list of them, of an existing cluster")
	cmd.Flags().StringVar(&kubeContext, "context", "", "the context of the kubeconfig")
	return cmd
}

// sweptWithin is how long the removal of what runs left on an existing cluster may take.
const sweptWithin = 5 * time.Minute

// cleanCluster removes what dead runs left on an existing cluster.
func (d dirs) cleanCluster(ctx context.Context, kubeconfig, kubeContext string) error {
	if err := environ.Kubeconfig(kubeconfig); err != nil {
		return exit{exitUsage, fmt.Errorf("--kubeconfig: %w", err)}
	}
	adopted, err := cluster.Adopt(ctx, kubeconfig, kubeContext)
	if err != nil {
		return err
	}
	config, err := adopted.RESTConfig()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sweptWithin)
	defer cancel()
	swept, err := stage.SweepCluster(ctx, config, cmp.Or(os.Getenv("NOTEPROOF_IMAGE"), nodeimage.PublishedWorkload), true)
	for _, removed := range swept.Removed {
		d.log.Say("✓  removed %s", removed)
	}
	for _, used := range swept.InUse {
		d.log.Say("–  %s stays: it may still be running", used)
	}
	if err == nil && len(swept.Removed)+len(swept.InUse) == 0 {
		d.log.Say("✓  the cluster %s has nothing of noteproof's", adopted.Name())
	}
	return err
}

func distclean() *cobra.Command {
	return &cobra.Command{
		Use:   "distclean",
		Short: "Do what clean does, and remove the caches and the built images",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := newDirs()
			if err != nil {
				return err
			}
			if series := d.running(); series != "" {
				return fmt.Errorf("%s is running in %s and uses the caches: wait for it, or interrupt it", series, d.out)
			}
			if err := d.removeClusters(cmd.Context()); err != nil {
				return err // the caches may be in use
			}
			if building, err := d.source().Building(); err != nil {
				return err
			} else if building {
				return fmt.Errorf("an image is being built in %s: wait for it, or interrupt it", d.cache)
			}
			return errors.Join(d.removeImages(cmd.Context()), d.removeReports(), d.remove("the caches", d.cache, "NOTEPROOF_CACHE"))
		},
	}
}

// removeClusters removes all clusters that noteproof created. Without a working engine there are none.
func (d dirs) removeClusters(ctx context.Context) error {
	eng, err := d.engine(ctx)
	if err != nil {
		d.log.Say("–  no clusters are removed: %v", err)
		return ctx.Err()
	}
	return cluster.Remove(ctx, eng, d.log, cluster.Kubeconfigs(d.cache, eng))
}

// ourImages is a filter for the images that noteproof built.
const ourImages = "label=io.noteproof.built-from"

func (d dirs) removeImages(ctx context.Context) error {
	eng, err := d.engine(ctx)
	if err != nil {
		return ctx.Err() // removeClusters has logged the error
	}
	list, err := eng.Run(ctx, "images", "--quiet", "--filter", ourImages)
	if err != nil {
		return fmt.Errorf("list the built images: %w", err)
	}
	ids := slices.Compact(slices.Sorted(slices.Values(strings.Fields(list))))
	if len(ids) > 0 {
		step := d.log.Step("remove %d built images", len(ids))
		if _, err = eng.Run(ctx, append([]string{"rmi", "--force"}, ids...)...); step.End(err) != nil {
			return err
		}
	}
	if list, err = eng.Run(ctx, "images", "--format", "{{.Repository}}:{{.Tag}}"); err != nil {
		return fmt.Errorf("list the pulled images: %w", err)
	}
	names := ourNames(list)
	if len(names) == 0 {
		return nil
	}
	step := d.log.Step("remove %d pulled images", len(names))
	_, err = eng.Run(ctx, append([]string{"rmi"}, names...)...) // without --force, under our names only
	return step.End(err)
}

// ourNames returns those of the names of images, one a line, that noteproof gives to images that it pulls.
func ourNames(list string) []string {
	return slices.DeleteFunc(strings.Fields(list), func(name string) bool { return !strings.HasPrefix(name, nodeimage.Repository) })
}

// running returns what uses the directory of the records, such as "a matrix"; empty if nothing does.
func (d dirs) running() string {
	switch {
	case d.runRunning():
		return "a run"
	case matrix.Busy(d.out):
		return "a matrix"
	case soak.Busy(d.soakDir()):
		return "a soak"
	case disturbed.Busy(d.out, evidence.Break), disturbed.Busy(d.out, evidence.Fault):
		return "a series of breaks or faults"
	default:
		return ""
	}
}

// runRunning reports whether a run writes to the directory of the records, or to one below it, such as that of an engine.
func (d dirs) runRunning() bool {
	found := errors.New("found")
	return errors.Is(filepath.WalkDir(d.out, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir(): // what cannot be read is not written to
			return nil
		case evidence.Running(path):
			return found
		case filepath.Base(filepath.Dir(filepath.Dir(path))) == "runs": // one run's
			return fs.SkipDir
		default:
			return nil
		}
	}), found)
}

// removeReports removes the directory of the records, unless a run or a series of runs uses it.
func (d dirs) removeReports() error {
	if series := d.running(); series != "" {
		d.log.Say("–  the reports stay in %s: %s is running", d.out, series)
		return nil
	}
	if _, err := os.Stat(d.out); err == nil && !hasRecord(d.out) {
		d.log.Say("–  %s stays: it has no record of noteproof", d.out)
		return nil
	}
	return d.remove("the reports", d.out, "NOTEPROOF_OUT")
}

// hasRecord returns whether a directory has a record of a run, at any depth.
func hasRecord(dir string) bool {
	found := errors.New("found")
	return errors.Is(filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == evidence.RecordFile {
			return found
		}
		return nil // what cannot be read has no record
	}), found)
}

// remove removes a directory. It only logs the path of a directory that a variable names, because it may contain other files.
func (d dirs) remove(what, dir, variable string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if os.Getenv(variable) != "" {
		d.log.Say("–  %s stay in %s, which %s names: remove them yourself", what, dir, variable)
		return nil
	}
	step := d.log.Step("remove %s in %s", what, dir)
	if err := os.RemoveAll(dir); err != nil {
		return step.End(fmt.Errorf("remove %s: %w", what, err))
	}
	return step.End(nil)
}
