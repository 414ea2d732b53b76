package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/disturbed"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// disturbFlags are the flags and arguments of a series of disturbances.
type disturbFlags struct {
	only    string
	fresh   bool
	summary string
	args    []string // of go test
}

func runBreaks() *cobra.Command {
	return disturbCommand(evidence.Break, "Break the cluster, one mechanism after another, and require that the dependent points turn",
		"The exit status is 1 if a point that depends on a mechanism did not turn, another point turned, or a run failed.")
}

func runFaults() *cobra.Command {
	return disturbCommand(evidence.Fault, "Disturb the cluster in one way after another, and require that there is no wrong verdict",
		"The exit status is 1 if a claim drifted or was inconclusive without a cause, or a run failed or was cut off.")
}

func disturbCommand(kind, short, fails string) *cobra.Command {
	var f disturbFlags
	cmd := &cobra.Command{
		Use:   kind + "s [flags] [-- GO TEST ARGUMENTS]",
		Short: short,
		Long: "The suite runs once with each of its " + kind + "s, on a cluster that it creates, keeps between the runs and removes after the\n" +
			"last one unless KEEP=1 is set. K8S and CLAIMS choose the version and the claims. Each run writes its record, and the table of\n" +
			"all runs, README.md and summary.json in out/" + kind + "s, is written after each run. An interrupted series continues where it\n" +
			"stopped: completed runs are not repeated.\n" +
			"Without arguments it runs: go test ./scenarios/... " + strings.Join(suiteFlags, " ") + "\n" + fails,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.args = args
			if _, err := regexp.Compile(f.only); err != nil {
				return exit{exitUsage, fmt.Errorf("--only %q is not a regular expression: %w", f.only, err)}
			}
			d, err := newDirs()
			if err != nil {
				return err
			}
			return d.disturb(cmd, kind, f)
		},
	}
	cmd.Flags().StringVar(&f.only, "only", "", "a regular expression on the names of the "+kind+"s to run (default: all)")
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "begin a new series instead of continuing an interrupted one")
	cmd.Flags().StringVar(&f.summary, "summary", "", "a directory to which the table is also written when all runs are done, such as docs/"+kind+"s")
	return cmd
}

// disturb runs a series of disturbances, or the rest of an interrupted one. It returns an error if the table has problems.
func (d dirs) disturb(cmd *cobra.Command, kind string, f disturbFlags) error {
	if err := withoutSabotage(kind + "s disturb the cluster under unchanged scenarios: unset SABOTAGE"); err != nil {
		return err
	}
	if os.Getenv("KUBECONFIG_FILE") != "" {
		return exit{exitUsage, fmt.Errorf("%ss disturb only noteproof's own clusters: unset KUBECONFIG_FILE", kind)}
	}
	ds, err := d.newDisturbances(cmd.Context(), kind, f)
	if err != nil {
		return err
	}
	if f.summary != "" && (ds.Only != "" || ds.Claims != "") {
		return exit{exitUsage, fmt.Errorf("--summary is for all %ss and claims, and this series has only some (--only=%q CLAIMS=%q)", kind, ds.Only, ds.Claims)}
	}
	dir := filepath.Join(ds.Dir, kind+"s")
	ds.Each = func(s *disturbed.State) error {
		_, err := tabulate(ds.Dir, dir, s)
		return err
	}
	state, err := ds.Go(cmd.Context())
	if err != nil {
		return err
	}
	return reportDisturbed(cmd, ds.Dir, dir, f.summary, state)
}

// newDisturbances returns the series that the flags and the environment ask for. Values that are not set are those of the
// interrupted series, if there is one.
func (d dirs) newDisturbances(ctx context.Context, kind string, f disturbFlags) (disturbed.Series, error) {
	ds := disturbed.Series{Dir: d.out, Kind: kind, Version: os.Getenv("K8S"), Claims: os.Getenv("CLAIMS"), Only: f.only, Fresh: f.fresh, Log: d.log}
	if !f.fresh {
		interrupted, err := disturbed.Interrupted(ds.Dir, kind)
		if err != nil {
			return ds, err
		}
		if interrupted != nil {
			ds.Version = cmp.Or(ds.Version, interrupted.Version)
			ds.Claims = cmp.Or(ds.Claims, interrupted.Claims)
			ds.Only = cmp.Or(ds.Only, interrupted.Only)
		}
	}
	err := withoutVariables("a series of breaks or faults is of one version, such as v1.37.2+nftables, by K8S", "NOTEPROOF_CLUSTER", "NOTEPROOF_NODE_IMAGE")
	if err != nil {
		return ds, err
	}
	only, err := regexp.Compile(ds.Only)
	if err != nil {
		return ds, exit{exitUsage, fmt.Errorf("--only=%q is not a regular expression: %w", ds.Only, err)}
	}
	if ds.Version, err = d.source().Resolve(ctx, ds.Version); err != nil {
		return ds, err
	}
	args := goTestArgs(f.args)
	if ds.Listing, err = listDisturbances(ctx, args); err != nil {
		return ds, err
	}
	if ds.Trials = ds.Listing.Of(kind, only); len(ds.Trials) == 0 {
		return ds, exit{exitUsage, fmt.Errorf("the suite has no %s that matches --only=%q; go test ./scenarios -args -disturbances lists them", kind, ds.Only)}
	}
	ds.Run = func(ctx context.Context, name string, last bool) error {
		keep := "1" // for the next run
		if last {
			keep = os.Getenv("KEEP")
		}
		return series.GoTest(ctx, args, "K8S="+ds.Version, "CLAIMS="+ds.Claims, "KEEP="+keep, "NOTEPROOF_DISTURB="+name,
			"NOTEPROOF_OUT="+ds.Dir, "NOTEPROOF_CACHE="+d.cache)
	}
	return ds, nil
}

// listDisturbances returns the breaks and faults of the suite.
func listDisturbances(ctx context.Context, args []string) (disturbed.Listing, error) {
	text, err := series.List(ctx, args, []string{"-disturbances"}, "NOTEPROOF_DISTURB=")
	if err != nil {
		return disturbed.Listing{}, err
	}
	return disturbed.ParseListing(text)
}

// tabulate writes the table of the completed runs to a directory. The records are below out.
func tabulate(out, dir string, s *disturbed.State) (summary, error) {
	records, err := s.Records(out)
	if err != nil {
		return nil, err
	}
	var table summary = disturbed.TableOfFaults(s, records)
	if s.Kind == evidence.Break {
		table = disturbed.TableOfBreaks(s, records)
	}
	return table, writeSummary(dir, table)
}

// reportDisturbed writes the table of a completed series to dir, and to the directory also unless that is empty. It returns an
// error with the table's problems.
func reportDisturbed(cmd *cobra.Command, out, dir, also string, s *disturbed.State) error {
	table, err := tabulate(out, dir, s)
	if err != nil {
		return err
	}
	if also != "" {
		if err := writeSummary(also, table); err != nil {
			return err
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "\n  %s\n", filepath.Join(dir, "README.md"))
	if problems := table.Problems(); len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
	}
	return nil
}
