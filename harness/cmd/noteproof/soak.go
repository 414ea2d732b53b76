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

	"github.com/noteproof/noteproof/harness/internal/series"
	"github.com/noteproof/noteproof/harness/internal/soak"
)

// usualRuns is the number of runs of a soak if no number is given.
const usualRuns = 20

// soakFlags are the flags and arguments of a soak.
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
		Short: "Repeat the suite, alternately idle and loaded, and report every verdict that was not the same",
		Long: "In every second run all CPUs of this machine are kept busy. K8S and CLAIMS choose the version and the claims. Each run\n" +
			"has its own directory, out/soak/run-01 and so on. The summary of all runs, README.md and summary.json in out/soak, is\n" +
			"written after each run. An interrupted soak continues where it stopped: completed runs are not repeated. The cluster is\n" +
			"kept between the runs, and removed after the last one unless KEEP=1 is set.\n" +
			"Without arguments it runs: go test ./scenarios/... " + strings.Join(suiteFlags, " ") + "\n" +
			"The exit status is 1 if a verdict or a point was not the same in all runs, a claim drifted or was never answered, or a\n" +
			"run failed for another reason, for example because it left objects on the cluster.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("runs") && f.runs < 1 {
				return exit{exitUsage, fmt.Errorf("--runs %d: want a number of runs, such as 20", f.runs)}
			}
			f.args = args
			d, err := newDirs()
			if err != nil {
				return err
			}
			return d.soak(cmd, f)
		},
	}
	cmd.Flags().IntVar(&f.runs, "runs", 0, fmt.Sprintf("the number of runs (default: that of the interrupted soak, otherwise %d)", usualRuns))
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "begin a new soak instead of continuing an interrupted one")
	cmd.Flags().StringVar(&f.summary, "summary", "", "a directory to which the summary is also written when all runs are done, such as docs/soak")
	return cmd
}

// soakDir returns the directory of the soak.
func (d dirs) soakDir() string { return filepath.Join(d.out, "soak") }

// soak runs a soak, or the rest of an interrupted one. It returns an error if the summary has problems.
func (d dirs) soak(cmd *cobra.Command, f soakFlags) error {
	if err := withoutSabotage("a soak compares runs of unchanged scenarios; use noteproof sabotage instead of SABOTAGE"); err != nil {
		return err
	}
	if os.Getenv("KUBECONFIG_FILE") != "" {
		return exit{exitUsage, errors.New("a soak loads this machine, so it creates a cluster here, and KUBECONFIG_FILE names an existing one; for that one use noteproof verify --kubeconfig …")}
	}
	k, err := d.newSoak(cmd.Context(), f)
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
	return reportSoak(cmd, k.Dir, f.summary, state)
}

// newSoak returns the soak that the flags and the environment ask for. Values that are not set are those of the interrupted soak,
// if there is one.
func (d dirs) newSoak(ctx context.Context, f soakFlags) (soak.Soak, error) {
	k := soak.Soak{Dir: d.soakDir(), Version: os.Getenv("K8S"), Claims: os.Getenv("CLAIMS"), Runs: f.runs, Fresh: f.fresh, Log: d.log}
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
	err := withoutVariables("a soak is of one version, such as v1.37.2+nftables, by K8S", "NOTEPROOF_CLUSTER", "NOTEPROOF_NODE_IMAGE")
	if err != nil {
		return k, err
	}
	if k.Version, err = d.source().Resolve(ctx, k.Version); err != nil {
		return k, err
	}
	args := goTestArgs(f.args)
	if err := checkSuite(ctx, args, k.Claims); err != nil {
		return k, err
	}
	k.Run = func(ctx context.Context, r *soak.Run, last bool) (ended, err error) {
		keep := "1" // for the next run
		if last {
			keep = os.Getenv("KEEP")
		}
		test := func(ctx context.Context) error {
			return series.GoTest(ctx, args, "K8S="+k.Version, "CLAIMS="+k.Claims, "KEEP="+keep,
				"NOTEPROOF_OUT="+filepath.Join(k.Dir, r.Folder()), "NOTEPROOF_CACHE="+d.cache)
		}
		if !r.Loaded {
			return test(ctx), nil
		}
		return underLoad(ctx, r, test)
	}
	return k, nil
}

// underLoad runs the suite while all CPUs are kept busy. ended is the error of the suite, and err that of the load.
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

// summarize writes the summary of the completed runs to the directory of the soak.
func summarize(dir string, s *soak.State) (*soak.Summary, error) {
	records, err := s.Records(dir)
	if err != nil {
		return nil, err
	}
	sum := soak.Summarize(s, records)
	return sum, writeSummary(dir, sum)
}

// reportSoak writes the summary of a completed soak to dir, and to the directory also unless that is empty. It returns an error
// with the summary's problems.
func reportSoak(cmd *cobra.Command, dir, also string, s *soak.State) error {
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
