// Package series holds what every series of runs of the suite has in common, such as a matrix or a soak: go test as a
// child process, the file of the series' state with its lock, and a record for each run, however the run ended.
package series

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// tornDownWithin is how long an interrupted run may take to remove its cluster and to write its reports.
const tornDownWithin = 6 * time.Minute

// GoTest runs go test with these arguments, and with env added to the environment of this process. When ctx ends, the run
// is interrupted and given time to clean up. The child is a process group of its own, so that it gets the interruption
// once, whoever sends it: go test does not pass it on.
func GoTest(ctx context.Context, args []string, env ...string) error {
	return run(ctx, os.Stdout, os.Stderr, args, env)
}

// GoTestTo is GoTest with all output written to one place.
func GoTestTo(ctx context.Context, output io.Writer, args []string, env ...string) error {
	return run(ctx, output, output, args, env)
}

func run(ctx context.Context, stdout, stderr io.Writer, args, env []string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = tornDownWithin
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go test %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// List runs go test with these arguments, flags of the scenarios that list something and run nothing, and env added to the
// environment of this process. It returns what was printed, on whichever output.
func List(ctx context.Context, args, flags []string, env ...string) (string, error) {
	all := append([]string{"test"}, args...)
	if !slices.Contains(args, "-args") {
		all = append(all, "-args")
	}
	cmd := exec.CommandContext(ctx, "go", append(all, flags...)...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s\n(go %s: %w)", strings.TrimSpace(string(out)), strings.Join(cmd.Args[1:], " "), err)
	}
	return string(out), nil
}
