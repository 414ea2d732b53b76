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
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// disturbFlags are what the command line of a series of disturbances says.
type disturbFlags struct {
	only    string
	fresh   bool
	summary string
	args    []string // of go test
}

func runBreaks() *cobra.Command {
	return disturbCommand(evidence.Break, "Break the cluster, one mechanism after another, and want the dependent points to turn",
		"The exit status is 1 when a point that depends on a mechanism did not turn, one turned that must not, or a run failed.")
}

func runFaults() *cobra.Command {
	return disturbCommand(evidence.Fault, "Trouble the cluster in one way after another, and want no wrong verdict",
		"The exit status is 1 when a claim drifted or was inconclusive without a cause, or a run failed or was cut off.")
}

func disturbCommand(kind, short, fails string) *cobra.Command {
	var f disturbFlags
	cmd := &cobra.Command{
		Use:   kind + "s [flags] [-- GO TEST ARGUMENTS]",
		Short: short,
		Long: "The suite is run once under each " + kind + " that it has, on a cluster of its own, which is kept between the runs and removed\n" +
			"by the last one unless KEEP=1 is set. K8S and CLAIMS choose the version and the claims. Each record is written as it is run,\n" +
			"and the table of all, README.md and summary.json in out/" + kind + "s, after each run. An interrupted series continues where it\n" +
			"stopped: what is done is not run again.\n" +
			"Without arguments it runs: go test " + strings.Join(suite(), " ") + "\n" + fails,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.args = args
			p, err := here()
			if err != nil {
				return err
			}
			return p.disturb(cmd, kind, f)
		},
	}
	cmd.Flags().StringVar(&f.only, "only", "", "a regular expression of the "+kind+"s to try, by their names (default: all)")
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "begin a new series instead of continuing an interrupted one")
	cmd.Flags().StringVar(&f.summary, "summary", "", "a folder that gets the table as well, when all was tried, such as docs/"+kind+"s")
	return cmd
}

// disturb runs a series of disturbances, or the rest of an interrupted one, and fails when its table has problems.
func (p place) disturb(cmd *cobra.Command, kind string, f disturbFlags) error {
	if err := withoutSabotage(kind + "s are of the cluster, under scenarios that are sound: unset SABOTAGE"); err != nil {
		return err
	}
	if os.Getenv("KUBECONFIG_FILE") != "" {
		return fmt.Errorf("%ss disturb a cluster of noteproof's own alone: unset KUBECONFIG_FILE", kind)
	}
	d, err := p.newDisturbances(cmd.Context(), kind, f)
	if err != nil {
		return err
	}
	if f.summary != "" && (d.Only != "" || d.Claims != "") {
		return fmt.Errorf("--summary is for all %ss and claims, and this series has some only (--only=%q CLAIMS=%q)", kind, d.Only, d.Claims)
	}
	dir := filepath.Join(d.Dir, kind+"s")
	d.Each = func(s *disturbed.State) error {
		_, err := tabulate(d.Dir, dir, s)
		return err
	}
	state, err := d.Go(cmd.Context())
	if err != nil {
		return err
	}
	return tellDisturbed(cmd, d.Dir, dir, f.summary, state)
}

// newDisturbances is the series that the flags and the environment ask for. What they leave open is as in the interrupted
// series.
func (p place) newDisturbances(ctx context.Context, kind string, f disturbFlags) (disturbed.Series, error) {
	d := disturbed.Series{Kind: kind, Version: os.Getenv("K8S"), Claims: os.Getenv("CLAIMS"), Only: f.only, Fresh: f.fresh, Log: p.log}
	var err error
	if d.Dir, err = filepath.Abs(p.out); err != nil { // go test runs in the folders of its packages
		return d, err
	}
	if p.cache, err = filepath.Abs(p.cache); err != nil {
		return d, err
	}
	if !f.fresh {
		interrupted, err := disturbed.Interrupted(d.Dir, kind)
		if err != nil {
			return d, err
		}
		if interrupted != nil {
			d.Version = cmp.Or(d.Version, interrupted.Version)
			d.Claims = cmp.Or(d.Claims, interrupted.Claims)
			d.Only = cmp.Or(d.Only, interrupted.Only)
		}
	}
	if d.Version, err = (&nodeimage.Source{Cache: p.cache, Log: p.log}).Resolve(ctx, d.Version); err != nil {
		return d, err
	}
	args := f.args
	if len(args) == 0 {
		args = suite()
	}
	if d.Listing, err = listDisturbances(ctx, args); err != nil {
		return d, err
	}
	only, err := regexp.Compile(d.Only)
	if err != nil {
		return d, fmt.Errorf("--only=%q is not a regular expression: %w", d.Only, err)
	}
	d.Trials = d.Listing.Of(kind, only)
	d.Run = func(ctx context.Context, name string, last bool) error {
		keep := "1" // for the next run
		if last {
			keep = os.Getenv("KEEP")
		}
		return series.GoTest(ctx, args, "K8S="+d.Version, "CLAIMS="+d.Claims, "KEEP="+keep, "NOTEPROOF_DISTURB="+name,
			"NOTEPROOF_OUT="+d.Dir, "NOTEPROOF_CACHE="+p.cache)
	}
	return d, nil
}

// listDisturbances asks the suite for its breaks and faults.
func listDisturbances(ctx context.Context, args []string) (disturbed.Listing, error) {
	text, err := series.List(ctx, args, []string{"-disturbances"}, "NOTEPROOF_DISTURB=")
	if err != nil {
		return disturbed.Listing{}, err
	}
	return disturbed.ParseListing(text)
}

// tabulate writes the table of what was tried into a folder; the records are below out.
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

// tellDisturbed writes the table of a series in which all was tried, also into the folder also unless that is empty. Its
// error names the problems.
func tellDisturbed(cmd *cobra.Command, out, dir, also string, s *disturbed.State) error {
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
	if found := table.Problems(); len(found) > 0 {
		return errors.New(strings.Join(found, "; "))
	}
	return nil
}
