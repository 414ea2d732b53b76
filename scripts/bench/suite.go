//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
)

// measured is one run of the suite.
type measured struct {
	Kind string `json:"kind"`
	// Seconds is the time of the whole command, with what go test compiles. Suite is from the start of the first claim to the last
	// verdict.
	Seconds float64         `json:"seconds"`
	Suite   float64         `json:"suite"`
	Claims  int             `json:"claims"` // that ran
	Steps   []evidence.Step `json:"steps"`
	Chain   []link          `json:"chain"`
	// Requests are those that the API server counted during the run, by verb; absent except on a cluster that is there.
	Requests map[string]float64 `json:"requests,omitempty"`
	Usage    usage              `json:"usage"`

	on      machine
	cluster string
}

// measure runs the suite and returns what it took. cluster is the name of the cluster that is there; empty if there is none yet.
func measure(ctx context.Context, kind, cluster, out string, suite []string) (measured, error) {
	m := measured{Kind: kind}
	env := []string{"KEEP=1", "NOTEPROOF_OUT=" + out, "KUBECONFIG_FILE=", "SABOTAGE=0", "NOTEPROOF_DISTURB="}
	if kind == bare { // the last one
		env = append(env, "KEEP=0", "NOTEPROOF_FLOOR=1")
	}
	var before map[string]float64
	if kind == warm { // otherwise there is no cluster yet, or none any more
		var err error
		if before, err = requests(ctx, cluster); err != nil {
			return m, err
		}
	}
	watch := startUsage()
	began := time.Now()
	failure := command(ctx, env, "go", append([]string{"test"}, suite...)...).Run()
	m.Seconds, m.Usage = time.Since(began).Seconds(), watch.stop()
	record, err := newest(out)
	if err != nil {
		return m, errors.Join(failure, err)
	}
	if failure != nil {
		return m, fmt.Errorf("go test: %w", failure)
	}
	if kind == created && record.Environment.Reused {
		return m, errors.New("a cluster was there already, so it was not measured how one is created: remove it with make clean, and measure again")
	}
	if kind == warm {
		after, err := requests(ctx, cluster)
		if err != nil {
			return m, err
		}
		m.Requests = since(before, after)
	}
	m.Steps, m.Chain = record.Steps, chain(record)
	m.Suite, m.Claims = spanOf(record)
	e := record.Environment
	m.cluster = e.Cluster
	m.on = machine{CPUs: e.CPUs, MemoryMiB: e.MemoryMiB, Kernel: e.Kernel, Engine: e.Engine, Version: record.Version, Noteproof: e.Noteproof}
	return m, nil
}

// newest returns the record of the only version in a directory.
func newest(out string) (*evidence.Record, error) {
	links, err := filepath.Glob(filepath.Join(out, "v*", evidence.RecordFile))
	if err != nil || len(links) != 1 {
		return nil, fmt.Errorf("one record is expected in %s, and %d are there", out, len(links))
	}
	return evidence.Load(links[0])
}

// spanOf returns the seconds from the start of the first claim to the end of the last one, and how many claims ran.
func spanOf(record *evidence.Record) (seconds float64, ran int) {
	var from, to time.Time
	for _, c := range record.Claims {
		if c.Started.IsZero() {
			continue
		}
		ran++
		if from.IsZero() || c.Started.Before(from) {
			from = c.Started
		}
		if end := endOf(c.Started, c.Seconds); end.After(to) {
			to = end
		}
	}
	return to.Sub(from).Seconds(), ran
}

func endOf(at time.Time, seconds float64) time.Time {
	return at.Add(time.Duration(seconds * float64(time.Second)))
}
