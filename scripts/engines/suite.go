//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// cleanupTimeout limits how long an interrupted suite may take to remove its cluster.
const cleanupTimeout = 5 * time.Minute

// outcome is what came of a run of the suite.
type outcome struct {
	version                               string // of the engine, as the record has it
	expected, drift, inconclusive, notRun int    // claims
	toCluster, total                      time.Duration
}

// runSuite runs `noteproof verify` with these arguments on the engine. Its record and pages are in out/engines/ENGINE.
func runSuite(ctx context.Context, e *engine, args []string) (outcome, error) {
	program := filepath.Join(e.dir, "noteproof")
	if _, err := output(ctx, nil, "go", "build", "-o", program, "./harness/cmd/noteproof"); err != nil {
		return outcome{}, err
	}
	out := os.Getenv("NOTEPROOF_OUT")
	if out == "" {
		out = "out"
	}
	out, err := filepath.Abs(filepath.Join(out, "engines", e.name))
	if err != nil {
		return outcome{}, fmt.Errorf("find the folder of the records: %w", err)
	}
	began := time.Now()
	cmd := exec.CommandContext(ctx, program, append([]string{"verify", "--"}, args...)...)
	// The cluster must not outlive the engine.
	cmd.Env = append(append(os.Environ(), e.env...), "NOTEPROOF_ENGINE="+e.name, "NOTEPROOF_OUT="+out, "KEEP=0", "KUBECONFIG_FILE=")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// In a process group of its own it gets one signal, also if the terminal sends one to all.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = cleanupTimeout
	failed := cmd.Run()
	total := time.Since(began)
	record, err := lastRecord(out, began)
	if err != nil {
		return outcome{total: total}, errors.Join(failed, err)
	}
	o := count(record)
	o.toCluster, o.total = record.Started.Sub(began), total
	if failed != nil {
		failed = fmt.Errorf("noteproof verify: %w %s", failed, record.Failure)
	}
	return o, failed
}

// lastRecord returns the record below dir that was begun last, and an error if none was since then.
func lastRecord(dir string, since time.Time) (*evidence.Record, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", evidence.RecordFile))
	if err != nil {
		return nil, fmt.Errorf("find the record: %w", err)
	}
	var last *evidence.Record
	for _, path := range paths {
		record, err := evidence.Load(path)
		if err != nil {
			return nil, err
		}
		if record.Started.After(since) && (last == nil || record.Started.After(last.Started)) {
			last = record
		}
	}
	if last == nil {
		return nil, fmt.Errorf("the run left no record in %s", dir)
	}
	return last, nil
}

// count counts the claims of a record by what came of them. Claims that were not chosen do not count.
func count(record *evidence.Record) outcome {
	_, version, _ := strings.Cut(record.Environment.Engine, " ")
	o := outcome{version: version}
	for _, c := range record.Claims {
		switch {
		case c.Drift || c.Flip.Fails():
			o.drift++
		case c.Verdict == claim.Inconclusive:
			o.inconclusive++
		case c.Verdict != claim.NotRun:
			o.expected++
		case c.Reason != evidence.NotChosen:
			o.notRun++
		}
	}
	return o
}
