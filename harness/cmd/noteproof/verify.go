package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// setting is a flag that sets a variable of the run.
type setting struct{ flag, env, usage string }

// runVariables are the flags of the commands that run the suite.
func runVariables() []setting {
	return []setting{
		{"kubernetes", "K8S", "the Kubernetes version: v1.37.2, or 1.37 for its newest patch"},
		{"kubeconfig", "KUBECONFIG_FILE", "a kubeconfig, or a list of them, of a cluster that exists, to run on that one instead"},
		{"image", "NOTEPROOF_IMAGE", "the workload image on such a cluster"},
		{"allow", "NOTEPROOF_ALLOW", "what may be done to such a cluster: change-cluster, break-nodes, or both with a comma between"},
		{"engine", "NOTEPROOF_ENGINE", "docker, podman or nerdctl"},
		{"parallel", "NOTEPROOF_PARALLEL", "how many scenarios run at once, at most"},
		{"timeout-factor", "NOTEPROOF_TIMEOUT_FACTOR", "a factor on all deadlines of the scenarios"},
	}
}

// runFlags are what the command line of a run of the suite says.
type runFlags struct {
	keep, quiet, verbose bool
	output               string
	context              string
	flags                *pflag.FlagSet
}

func (f *runFlags) add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	for _, v := range runVariables() {
		f.flags.String(v.flag, "", fmt.Sprintf("%s (%s)", v.usage, v.env))
	}
	f.flags.StringVar(&f.context, "context", "", "the context of the kubeconfig")
	f.flags.BoolVarP(&f.verbose, "verbose", "v", false, "print the log of each scenario as well, as go test -v does")
	f.flags.BoolVar(&f.keep, "keep", false, "leave the cluster for the next run (KEEP)")
}

// environment is what the flags add to the environment of the run. CLAIMS is the first argument, if there is one.
func (f *runFlags) environment(claims []string) []string {
	var env []string
	for _, v := range runVariables() {
		if flag := f.flags.Lookup(v.flag); flag.Changed {
			env = append(env, v.env+"="+flag.Value.String())
		}
	}
	if f.flags.Changed("keep") {
		env = append(env, fmt.Sprintf("KEEP=%t", f.keep))
	}
	if len(claims) > 0 {
		env = append(env, "CLAIMS="+claims[0])
	}
	return env
}

// testArgs are the arguments of go test: those after a dash, or the defaults.
func (f *runFlags) testArgs(behind []string) []string {
	args := slices.Clone(behind)
	if len(args) == 0 {
		args = suite()
	}
	if f.verbose {
		args = append([]string{"-v"}, args...)
	}
	if f.context != "" {
		if !slices.Contains(args, "-args") {
			args = append(args, "-args")
		}
		args = append(args, "-context", f.context)
	}
	return args
}

// parted are the arguments before a dash, one at most, and those behind it.
func parted(cmd *cobra.Command, args []string) (before, behind []string) {
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		return args[:at], args[at:]
	}
	return args, nil
}

func atMostOneClaim(cmd *cobra.Command, args []string) error {
	if before, _ := parted(cmd, args); len(before) > 1 {
		return fmt.Errorf("one regular expression on the IDs of claims is taken, and there are %d arguments; those of go test stand behind --", len(before))
	}
	return nil
}

func verify() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "verify [CLAIMS] [flags] [-- GO TEST ARGUMENTS]",
		Short: "Put the notes to the test: CLAIMS is a regular expression on the IDs of claims",
		Long: "It runs go test on the scenarios of the module that it is called in. Each flag sets the variable behind it.\n" +
			"What is being done goes to the standard error, the table of verdicts to the standard output.\n\n" +
			"The exit status is 0 when every claim that was run came out as expected, 1 when one drifted or flipped, 2 when the\n" +
			"command line is wrong, 3 when no claim drifted and one is inconclusive, and 4 when nothing could be run or the run\n" +
			"itself failed.",
		Example: "  noteproof verify\n  noteproof verify '^pod\\.' --kubernetes 1.36 --keep\n  noteproof verify --kubeconfig ~/.kube/config --context staging",
		Args:    atMostOneClaim,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.output != "table" && f.output != "json" {
				return exit{exitUsage, fmt.Errorf("-o %s: want table or json", f.output)}
			}
			p, err := here()
			if err != nil {
				return exit{exitNotRun, err}
			}
			claims, behind := parted(cmd, args)
			return p.verify(cmd, f, f.testArgs(behind), f.environment(claims))
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "say nothing before the result, unless nothing could be run")
	cmd.Flags().StringVarP(&f.output, "output", "o", "table", "the form of the result: table, or json for the record")
	return cmd
}

// verify runs the suite once, and writes the result to the command's output.
func (p place) verify(cmd *cobra.Command, f runFlags, args, env []string) error {
	var said bytes.Buffer
	env = append(env, "NOTEPROOF_TABLE=no")
	began := time.Now()
	var failure error
	switch {
	case f.quiet:
		failure = series.GoTestTo(cmd.Context(), &said, args, env...)
	case f.output == "json":
		failure = series.GoTestTo(cmd.Context(), os.Stderr, args, env...)
	default:
		failure = series.GoTest(cmd.Context(), args, env...)
	}
	if cmd.Context().Err() != nil {
		return exit{exitNotRun, context.Cause(cmd.Context())}
	}
	record, err := recordSince(p.out, began)
	if err != nil {
		return exit{exitNotRun, err}
	}
	if record == nil {
		_, _ = said.WriteTo(os.Stderr)
		return outcome(nil, failure)
	}
	if f.output == "json" {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(record); err != nil {
			return exit{exitNotRun, fmt.Errorf("write the record: %w", err)}
		}
	} else {
		fmt.Fprintln(cmd.OutOrStdout(), report.Table(record))
	}
	return outcome(record, failure)
}

// recordSince is the record that a run since then has written; nil when there is none.
func recordSince(out string, began time.Time) (*evidence.Record, error) {
	paths, err := filepath.Glob(filepath.Join(out, "*", evidence.RecordFile))
	errs := []error{err}
	for _, path := range paths {
		if file, err := os.Stat(path); err != nil || file.ModTime().Before(began) {
			errs = append(errs, err)
			continue
		}
		record, err := evidence.Load(path)
		if err == nil && !record.Started.Before(began.Add(-time.Second)) {
			return record, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func sabotage() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "sabotage [CLAIMS] [flags] [-- GO TEST ARGUMENTS]",
		Short: "Break each scenario on purpose, and want the drift to be reported",
		Long:  "It runs as verify does, with SABOTAGE=1: the change that a scenario names is made to its manifest. The exit status is 1\nwhen one was not noticed.",
		Args:  atMostOneClaim,
		RunE: func(cmd *cobra.Command, args []string) error {
			claims, behind := parted(cmd, args)
			return series.GoTest(cmd.Context(), f.testArgs(behind), append(f.environment(claims), "SABOTAGE=1")...)
		},
	}
	f.add(cmd)
	return cmd
}
