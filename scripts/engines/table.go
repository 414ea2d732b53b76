//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// row is what came of one engine.
type row struct {
	engine string
	outcome
	left    []string // what was left on the machine, and had to be removed
	failure error    // why the engine or the suite did not work; nil if both did
}

// clean reports whether all claims that were run came out as expected and nothing was left.
func (r row) clean() bool {
	return r.failure == nil && r.drift == 0 && r.inconclusive == 0 && r.expected > 0 && len(r.left) == 0
}

func printTable(out io.Writer, rows []row) {
	fmt.Fprintln(out)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "engine\tversion\tas expected\tdrift\tinconclusive\tnot run\tcluster after\ttotal\tleft behind")
	for _, r := range rows {
		left := "nothing"
		if len(r.left) > 0 {
			left = strings.Join(r.left, ", ")
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", r.engine, r.version, r.expected, r.drift, r.inconclusive, r.notRun,
			seconds(r.toCluster), seconds(r.total), left)
	}
	_ = t.Flush()
	for _, r := range rows {
		if r.failure != nil {
			fmt.Fprintf(out, "\n%s: %v\n", r.engine, r.failure)
		}
	}
}

func seconds(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

// verdict returns an error that names the engines on which not everything was as it should be.
func verdict(rows []row) error {
	var names []string
	for _, r := range rows {
		if !r.clean() {
			names = append(names, r.engine)
		}
	}
	if len(rows) == 0 {
		return errors.New("no engine was tried")
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("not as expected on %s", strings.Join(names, ", "))
}
