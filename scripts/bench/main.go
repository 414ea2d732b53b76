//go:build linux

// Command bench measures what a run of the suite takes and where the time goes, on this machine: a run on a new cluster, one on the
// cluster that is then there, and the floor of the latter, in which the same objects are created, awaited and deleted with the same
// parallelism and nothing is observed. With -cold it first builds a node image in an empty cache. The results are bench.json, README.md
// and plot.svg in the directory of -out.
//
//	main.go      the runs
//	suite.go     runs the suite and reads its record
//	usage.go     CPU time and memory by program, from /proc
//	requests.go  the requests that the API server counted
//	chain.go     the chain of steps and claims that determines how long a run takes
//	result.go    the table
//	plot.go      the plot
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	out := flag.String("out", "out/bench", "the directory of the results")
	cold := flag.Bool("cold", false, "build a node image in an empty cache first, which takes minutes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out, *cold, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// result is what bench.json holds.
type result struct {
	At      time.Time  `json:"at"`
	Machine machine    `json:"machine"`
	Image   *build     `json:"image,omitempty"` // nil without -cold
	Runs    []measured `json:"runs"`
}

// machine is where a measurement was made.
type machine struct {
	CPUs      int    `json:"cpus"`
	MemoryMiB int64  `json:"memoryMiB"`
	Kernel    string `json:"kernel"`
	Engine    string `json:"engine"`
	Version   string `json:"version"`   // of Kubernetes
	Noteproof string `json:"noteproof"` // the commit
}

// build is a build of a node image in an empty cache.
type build struct {
	Seconds float64 `json:"seconds"`
	Usage   usage   `json:"usage"`
}

// The kinds of runs.
const (
	created = "new cluster"
	warm    = "cluster that is there"
	bare    = "floor"
)

// run makes the runs and writes the results. The last run removes the cluster, unless an earlier one fails.
func run(ctx context.Context, out string, cold bool, suite []string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	r := result{At: time.Now().UTC()}
	if cold {
		if r.Image, err = buildImage(ctx, out); err != nil {
			return err
		}
	}
	cluster := ""
	for i, kind := range []string{created, warm, bare} {
		m, err := measure(ctx, kind, cluster, filepath.Join(out, fmt.Sprint("run-", i+1)), suite)
		if err != nil {
			return fmt.Errorf("%s: %w; make clean removes a cluster that is left", kind, err)
		}
		r.Machine, cluster = m.on, m.cluster
		r.Runs = append(r.Runs, m)
		if err := write(out, r); err != nil {
			return err
		}
	}
	fmt.Print("\n" + table(r) + "\n  " + filepath.Join(out, "README.md") + "\n")
	return nil
}

// write writes what was measured so far.
func write(out string, r result) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(out, "bench.json"), append(text, '\n'), 0o644),
		os.WriteFile(filepath.Join(out, "README.md"), []byte(table(r)), 0o644),
		os.WriteFile(filepath.Join(out, "plot.svg"), []byte(plot(r)), 0o644),
	)
}

// buildImage builds the node image in a cache that is empty, and removes that.
func buildImage(ctx context.Context, out string) (*build, error) {
	cache := filepath.Join(out, "cache")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(cache) //nolint:errcheck // it is below out
	args := []string{"run", "./harness/cmd/noteproof", "node-image"}
	if version := os.Getenv("K8S"); version != "" {
		args = append(args, version)
	}
	watch := startUsage()
	began := time.Now()
	err := command(ctx, []string{"NOTEPROOF_CACHE=" + cache}, "go", args...).Run()
	if err != nil {
		return nil, fmt.Errorf("build the node image: %w", err)
	}
	return &build{Seconds: time.Since(began).Seconds(), Usage: watch.stop()}, nil
}

// command returns a command whose output is shown, and which is ended like Ctrl-C would if ctx is.
func command(ctx context.Context, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd
}
