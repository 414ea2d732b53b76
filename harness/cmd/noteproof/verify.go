package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// setting is a flag that sets a variable of the run.
type setting struct {
	flag, env, usage string
	unset            string                   // what happens without the flag and the variable
	check            func(value string) error // nil if any value is allowed
}

// valid makes a check of a parser.
func valid[T any](parse func(string) (T, error)) func(string) error {
	return func(value string) error {
		_, err := parse(value)
		return err
	}
}

// variant returns an error if a file is not a variant of the cluster. An empty path is no error.
func variant(path string) error {
	if path == "" {
		return nil
	}
	_, err := cluster.ReadVariant(path)
	return err
}

// runVariables returns the flags of the commands that run the suite.
func runVariables() []setting {
	return []setting{
		{"kubernetes", "K8S", "the Kubernetes version: v1.37.2, or 1.37 for its newest patch; with +NAME a variant of the cluster that the suite has: v1.37.2+nftables", "the default version is run", nodeimage.CheckVersion},
		{"cluster", "NOTEPROOF_CLUSTER", "the file of a variant of the cluster: kind's configuration, laid over noteproof's own", "the cluster is noteproof's own", variant},
		{"kubeconfig", "KUBECONFIG_FILE", "a kubeconfig, or a list of them, of an existing cluster to run on", "a cluster is created", environ.Kubeconfig},
		{"node-image", "NOTEPROOF_NODE_IMAGE", "the node image of a cluster that is created: an image such as kindest/node:v1.37.2, or the path of an archive of one", "kind's published image is pulled, or one is built", valid(ownImage)},
		{"image", "NOTEPROOF_IMAGE", "the workload image on an existing cluster", "the public agnhost is used", nil},
		{"allow", "NOTEPROOF_ALLOW", "what may be done to an existing cluster: permissions that README lists, such as change-cluster and break-nodes, separated by commas", "nothing is allowed", valid(environ.ParsePermissions)},
		{"engine", "NOTEPROOF_ENGINE", "docker, podman or nerdctl", "the first engine that works is used", engine.CheckName},
		{"registry", "NOTEPROOF_REGISTRY", "a mirror from which images are pulled, such as localhost:5000, or REGISTRY=MIRROR for some registries", "images are pulled from their own registries", valid(nodeimage.ParseRegistries)},
		{"parallel", "NOTEPROOF_PARALLEL", "the maximum number of scenarios that run at once", "at most 8 scenarios run at once", valid(environ.Parallel)},
		{"shard", "NOTEPROOF_SHARD", "a part of the claims, such as 2/4 for the second of four: other machines run the others, and noteproof report joins their records", "all claims are run", valid(evidence.ParseShard)},
		{"timeout-factor", "NOTEPROOF_TIMEOUT_FACTOR", "a factor on all deadlines of the scenarios", "the deadlines stay as they are", valid(environ.TimeoutFactor)},
	}
}

// ownImage parses a node image whose path is relative to the working directory.
func ownImage(text string) (nodeimage.OwnImage, error) { return nodeimage.ParseOwnImage("", text) }

// runFlags are the flags of a run of the suite.
type runFlags struct {
	keep           string
	quiet, verbose bool
	output         string
	context        string
	flags          *pflag.FlagSet
}

func (f *runFlags) add(cmd *cobra.Command) {
	f.flags = cmd.Flags()
	for _, v := range runVariables() {
		f.flags.String(v.flag, "", fmt.Sprintf("%s (%s)", v.usage, v.env))
	}
	f.flags.StringVar(&f.context, "context", "", "the context of the kubeconfig")
	f.flags.BoolVarP(&f.verbose, "verbose", "v", false, "also print the log of each scenario, as go test -v does")
	f.flags.StringVar(&f.keep, "keep", "0", "keep the cluster for the next run; with =on-failure, for looking at it if a claim failed (KEEP)")
	f.flags.Lookup("keep").NoOptDefVal = "1"
}

// environment returns the variables that the flags set. CLAIMS is the argument, if there is one.
func (f *runFlags) environment(claims []string) []string {
	var env []string
	for _, v := range runVariables() {
		if flag := f.flags.Lookup(v.flag); flag.Changed {
			env = append(env, v.env+"="+flag.Value.String())
		}
	}
	if f.flags.Changed("keep") {
		env = append(env, "KEEP="+f.keep)
	}
	if len(claims) > 0 {
		env = append(env, "CLAIMS="+claims[0])
	}
	return env
}

// testArgs returns the arguments of go test: those after "--", or the defaults.
func (f *runFlags) testArgs(afterDash []string) []string {
	args := goTestArgs(afterDash)
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

// goTestArgs returns the arguments of go test, given those that the user typed: the scenarios' package is added if they name none.
func goTestArgs(typed []string) []string {
	if len(typed) == 0 {
		return suiteArgs()
	}
	if namesPackage(typed) {
		return slices.Clone(typed)
	}
	return append(suiteArgs(), typed...)
}

// withoutValue matches the flags of go test that take no value: `go help test`, `go help testflag` and `go help build`.
var withoutValue = regexp.MustCompile(`^--?(test\.)?(a|asan|benchmem|buildvcs|c|cover|failfast|fullpath|json|linkshared|modcacherw|msan|n|race|short|trimpath|v|work|x)$`)

// namesPackage reports whether an argument of go test is a package, and not a flag or its value.
func namesPackage(args []string) bool {
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "-args", arg == "--args": // the rest are those of the test binary
			return false
		case !strings.HasPrefix(arg, "-"):
			return true
		case !strings.Contains(arg, "=") && !withoutValue.MatchString(arg):
			i++
		}
	}
	return false
}

// noArgs allows only arguments of go test, after "--".
func noArgs(cmd *cobra.Command, args []string) error {
	if before, _ := splitArgs(cmd, args); len(before) > 0 {
		return fmt.Errorf("%q is not expected: the versions and claims are chosen by flags and variables, and arguments of go test stand after --", before)
	}
	return nil
}

// splitArgs returns the arguments before "--", and those after it.
func splitArgs(cmd *cobra.Command, args []string) (before, after []string) {
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		return args[:at], args[at:]
	}
	return args, nil
}

func atMostOneClaim(cmd *cobra.Command, args []string) error {
	if before, _ := splitArgs(cmd, args); len(before) > 1 {
		return fmt.Errorf("want at most one regular expression on the IDs of claims, got %d arguments; put those of go test after --", len(before))
	}
	return nil
}

// value returns the value of a variable, as a flag or the environment sets it.
func (f *runFlags) value(env string) string {
	for _, v := range runVariables() {
		if flag := f.flags.Lookup(v.flag); v.env == env && flag.Changed {
			return flag.Value.String()
		}
	}
	return os.Getenv(env)
}

// check returns what is wrong with the flags and the regular expression on claims, given the arguments of go test.
func (f *runFlags) check(claims, testArgs []string) error {
	for _, expression := range claims {
		if _, err := regexp.Compile(expression); err != nil {
			return exit{exitUsage, fmt.Errorf("%q is not a regular expression: %w", expression, err)}
		}
	}
	for _, v := range runVariables() {
		flag := f.flags.Lookup(v.flag)
		if !flag.Changed {
			continue // checkCaller has checked the variable
		}
		if flag.Value.String() == "" {
			return exit{exitUsage, fmt.Errorf("--%s is empty; without the flag %s", v.flag, v.unset)}
		}
		if v.check == nil {
			continue
		}
		if err := v.check(flag.Value.String()); err != nil {
			return exit{exitUsage, fmt.Errorf("--%s: %w", v.flag, err)}
		}
	}
	if _, err := environ.ParseKeep(f.keep); err != nil {
		return exit{exitUsage, fmt.Errorf("--keep: %w", err)}
	}
	if err := f.checkCluster(testArgs); err != nil {
		return exit{exitUsage, err}
	}
	if f.context != "" && !f.flags.Changed("kubeconfig") && os.Getenv("KUBECONFIG_FILE") == "" {
		return exit{exitUsage, fmt.Errorf("--context %s needs --kubeconfig, such as --kubeconfig ~/.kube/config; without it a cluster is created", f.context)}
	}
	return nil
}

// checkCluster returns an error if the flags and variables that name a cluster contradict each other, or do not name one.
func (f *runFlags) checkCluster(testArgs []string) error {
	_, variant := nodeimage.SplitVariant(f.value("K8S"))
	kubeconfig, file := f.value("KUBECONFIG_FILE"), f.value("NOTEPROOF_CLUSTER")
	switch {
	case kubeconfig != "" && (file != "" || variant != ""):
		return errors.New("a variant (--cluster or NOTEPROOF_CLUSTER, or + after the version) is for a cluster that the run creates, not for an existing one")
	case file != "" && variant != "":
		return fmt.Errorf("the version names the variant %s, and --cluster or NOTEPROOF_CLUSTER the file %s: name only one of them", variant, file)
	case kubeconfig == "", slices.ContainsFunc(testArgs, func(arg string) bool { return strings.Contains(arg, "context") }): // go test gets one
		return nil
	}
	if _, err := cluster.KubeContext(kubeconfig, f.context); err != nil {
		if f.context != "" {
			return fmt.Errorf("--context: %w", err)
		}
		return fmt.Errorf("--kubeconfig, or KUBECONFIG_FILE: %w", err)
	}
	return nil
}

// checkNodeImage obtains a node image of the user's own, before anything is run, and returns an error if it cannot, or if its version
// is not the one that is asked for.
func (d dirs) checkNodeImage(ctx context.Context, f runFlags) error {
	own, err := ownImage(f.value("NOTEPROOF_NODE_IMAGE"))
	if err != nil || own.String() == "" || f.value("KUBECONFIG_FILE") != "" {
		return err
	}
	if d.registries, err = nodeimage.ParseRegistries(f.value("NOTEPROOF_REGISTRY")); err != nil {
		return err
	}
	eng, err := d.engineNamed(ctx, f.value("NOTEPROOF_ENGINE"))
	if err != nil {
		return exit{exitNotRun, err}
	}
	source := d.source()
	source.Engine, source.Machine = eng, eng.Host().Architecture
	if _, err = source.Own(ctx, own, f.value("K8S")); err != nil && ctx.Err() == nil {
		return exit{exitUsage, err}
	}
	if ctx.Err() != nil {
		return exit{exitNotRun, context.Cause(ctx)}
	}
	return nil
}

func verify() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "verify [CLAIMS] [flags] [-- GO TEST ARGUMENTS]",
		Short: "Test the notes; CLAIMS is a regular expression on the IDs of claims",
		Long: "It runs go test on the scenarios of the module in which it is called. Each flag sets the variable in parentheses.\n" +
			"Progress is printed on standard error, the table of verdicts on standard output.\n\n" +
			"The exit status is 0 if every claim that was run came out as expected, 1 if one drifted or flipped, 2 if the command\n" +
			"line or a variable is wrong, 3 if no claim drifted and one is inconclusive, and 4 if nothing could be run or the run itself failed.",
		Example:           "  noteproof verify\n  noteproof verify '^pod\\.' --kubernetes 1.36 --keep\n  noteproof verify --kubeconfig ~/.kube/config --context staging",
		Args:              atMostOneClaim,
		ValidArgsFunction: completeClaims,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.output != "table" && f.output != "json" {
				return exit{exitUsage, fmt.Errorf("-o %s: want table or json", f.output)}
			}
			claims, testArgs := splitArgs(cmd, args)
			if err := f.check(claims, testArgs); err != nil {
				return err
			}
			d, err := newDirs()
			if err != nil {
				return err
			}
			if err := d.checkNodeImage(cmd.Context(), f); err != nil {
				return err
			}
			return d.verify(cmd, f, f.testArgs(testArgs), f.environment(claims))
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print only the result, unless nothing could be run")
	cmd.Flags().StringVarP(&f.output, "output", "o", "table", "the form of the result: table, or json for the record")
	return cmd
}

// verify runs the suite once, and writes the result to the command's output.
func (d dirs) verify(cmd *cobra.Command, f runFlags, args, env []string) error {
	records, failure, err := d.run(cmd, f, args, env)
	if err != nil {
		return err
	}
	return outcome(records, failure)
}

// run runs the suite once, and writes the table or the record to the command's output. failure is the error of go test. There is no
// record if no claim was chosen, or if the run ended before it had one.
func (d dirs) run(cmd *cobra.Command, f runFlags, args, env []string) (records []*evidence.Record, failure, err error) {
	var output bytes.Buffer
	paths, err := os.CreateTemp("", "noteproof-record-")
	if err != nil {
		return nil, nil, exit{exitNotRun, err}
	}
	defer os.Remove(paths.Name())
	if err := paths.Close(); err != nil {
		return nil, nil, exit{exitNotRun, err}
	}
	env = append(env, "NOTEPROOF_RECORD="+paths.Name())
	switch {
	case f.quiet:
		failure = series.GoTestTo(cmd.Context(), &output, args, env...)
	default:
		failure = series.GoTestTo(cmd.Context(), os.Stderr, args, env...)
	}
	if cmd.Context().Err() != nil {
		return nil, nil, exit{exitNotRun, context.Cause(cmd.Context())}
	}
	records, err = recordsIn(paths.Name())
	if err != nil {
		return nil, nil, exit{exitNotRun, err}
	}
	if len(records) == 0 {
		_, _ = output.WriteTo(os.Stderr)
		return nil, failure, nil
	}
	for _, record := range records {
		if f.output == "table" {
			fmt.Fprintln(cmd.OutOrStdout(), report.Table(record, progress.Colours(cmd.OutOrStdout())))
			continue
		}
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(record); err != nil {
			return nil, nil, exit{exitNotRun, fmt.Errorf("write the record: %w", err)}
		}
	}
	return records, failure, nil
}

// recordsIn returns the records whose paths are the lines of a file: one for each suite that was run.
func recordsIn(list string) ([]*evidence.Record, error) {
	paths, err := os.ReadFile(list)
	if err != nil {
		return nil, fmt.Errorf("find the record: %w", err)
	}
	var records []*evidence.Record
	for path := range strings.Lines(string(paths)) {
		record, err := evidence.Load(strings.TrimSpace(path))
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}
