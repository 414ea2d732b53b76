package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/series"
	"github.com/noteproof/noteproof/harness/internal/soak"
)

// usualRuns is how many runs a soak has when no number is named.
const usualRuns = 20

// soakFlags are what the command line of a soak says.
type soakFlags struct {
	runs    int
	fresh   bool
	summary string
	args    []string // of go test
}

func runSoak() *cobra.Command {
	var f soakFlags
	cmd := &cobra.Command{
		Use:   "soak [flags] [-- GO TEST ARGUMENTS]",
		Short: "Repeat the suite, idle and loaded in turn, and report every verdict that was not the same",
		Long: "Every second run has each core of this machine kept busy. K8S and CLAIMS choose the version and the claims. Each run\n" +
			"has its own folder, out/soak/run-01 and so on, and the summary of all runs, README.md and summary.json in out/soak, is\n" +
			"written after each. An interrupted soak continues where it stopped: runs that are done are not run again. The cluster\n" +
			"is kept between the runs, and removed by the last one unless KEEP=1 is set.\n" +
			"Without arguments it runs: go test " + strings.Join(suite(), " ") + "\n" +
			"The exit status is 1 when a verdict or a point was not the same in all runs, a claim drifted or was never answered, or\n" +
			"a run failed otherwise, for example because it left something on the cluster.",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.args = args
			p, err := here()
			if err != nil {
				return err
			}
			return p.soak(cmd, f)
		},
	}
	cmd.Flags().IntVar(&f.runs, "runs", 0, fmt.Sprintf("how many runs (default: those of the interrupted soak, else %d)", usualRuns))
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "begin a new soak instead of continuing an interrupted one")
	cmd.Flags().StringVar(&f.summary, "summary", "", "a folder that gets the summary as well, when all runs are done, such as docs/soak")
	return cmd
}

// soakDir is the folder of the soak.
func (p place) soakDir() string { return filepath.Join(p.out, "soak") }

// soak runs a soak, or the rest of an interrupted one, and fails when its summary has problems.
func (p place) soak(cmd *cobra.Command, f soakFlags) error {
	if err := withoutSabotage("a soak compares runs of sound scenarios; for broken ones use make sabotage"); err != nil {
		return err
	}
	if os.Getenv("KUBECONFIG_FILE") != "" {
		return errors.New("a soak loads this machine, so it makes its cluster here; for a cluster that exists use make verify KUBECONFIG_FILE=…")
	}
	k, err := p.newSoak(cmd.Context(), f)
	if err != nil {
		return err
	}
	k.Each = func(s *soak.State) error {
		_, err := summarize(k.Dir, s)
		return err
	}
	state, err := k.Go(cmd.Context())
	if err != nil {
		return err
	}
	return tellSoak(cmd, k.Dir, f.summary, state)
}

// newSoak is the soak that the flags and the environment ask for. What they leave open is as in the interrupted soak.
func (p place) newSoak(ctx context.Context, f soakFlags) (soak.Soak, error) {
	k := soak.Soak{Version: os.Getenv("K8S"), Claims: os.Getenv("CLAIMS"), Runs: f.runs, Fresh: f.fresh, Log: p.log}
	var err error
	if k.Dir, err = filepath.Abs(p.soakDir()); err != nil { // go test runs in the folders of its packages
		return k, err
	}
	if p.cache, err = filepath.Abs(p.cache); err != nil {
		return k, err
	}
	if !f.fresh {
		interrupted, err := soak.Interrupted(k.Dir)
		if err != nil {
			return k, err
		}
		if interrupted != nil {
			k.Version = cmp.Or(k.Version, interrupted.Version)
			k.Claims = cmp.Or(k.Claims, interrupted.Claims)
			k.Runs = cmp.Or(k.Runs, len(interrupted.Runs))
		}
	}
	k.Runs = cmp.Or(k.Runs, usualRuns)
	if k.Version, err = (&nodeimage.Source{Cache: p.cache, Log: p.log}).Resolve(ctx, k.Version); err != nil {
		return k, err
	}
	args := f.args
	if len(args) == 0 {
		args = suite()
	}
	k.Run = func(ctx context.Context, r *soak.Run, last bool) (ended, err error) {
		keep := "1" // for the next run
		if last {
			keep = os.Getenv("KEEP")
		}
		test := func(ctx context.Context) error {
			return series.GoTest(ctx, args, "K8S="+k.Version, "CLAIMS="+k.Claims, "KEEP="+keep,
				"NOTEPROOF_OUT="+filepath.Join(k.Dir, r.Folder()), "NOTEPROOF_CACHE="+p.cache)
		}
		if !r.Loaded {
			return test(ctx), nil
		}
		return underLoad(ctx, r, test)
	}
	return k, nil
}

// underLoad runs the suite while every core is kept busy. err is for a load that could not be kept up.
func underLoad(ctx context.Context, r *soak.Run, test func(context.Context) error) (ended, err error) {
	load, err := startLoad(ctx, runtime.NumCPU())
	if err != nil {
		return nil, err
	}
	ended = test(ctx)
	busy, err := load.stop()
	r.BusySeconds = busy.Seconds()
	return ended, err
}

// summarize writes the summary of the runs that are done into the folder of the soak.
func summarize(dir string, s *soak.State) (*soak.Summary, error) {
	records, err := s.Records(dir)
	if err != nil {
		return nil, err
	}
	sum := soak.Summarize(s, records)
	return sum, writeSummary(dir, sum)
}

// tellSoak writes the summary of a soak whose runs are all done, also into the folder also unless that is empty. Its
// error names the problems.
func tellSoak(cmd *cobra.Command, dir, also string, s *soak.State) error {
	sum, err := summarize(dir, s)
	if err != nil {
		return err
	}
	if also != "" {
		if err := writeSummary(also, sum); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	fmt.Fprintln(out)
	for _, d := range sum.Deviations {
		fmt.Fprintf(out, "  %s\n", d)
	}
	fmt.Fprintf(out, "\n  %s\n", filepath.Join(dir, "README.md"))
	if problems := sum.Problems(); len(problems) > 0 {
		return fmt.Errorf("%d runs: %s", len(sum.Runs), strings.Join(problems, "; "))
	}
	fmt.Fprintf(out, "  every claim came out the same, and as expected, in %d runs\n", len(sum.Runs))
	return nil
}
