package series

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// cleanupTimeout limits how long an interrupted run may take to remove its cluster and to write its reports.
const cleanupTimeout = 6 * time.Minute

// GoTest runs go test with these arguments, and with env added to the environment of this process. When ctx ends, it interrupts
// the run and gives it time to clean up. The child has a process group of its own, so that an interruption from the terminal
// does not reach it in addition. The whole group is interrupted, because go test does not forward signals to the test binary.
func GoTest(ctx context.Context, args []string, env ...string) error {
	return run(ctx, os.Stdout, os.Stderr, args, env)
}

// GoTestTo is GoTest, with standard output and standard error written to output.
func GoTestTo(ctx context.Context, output io.Writer, args []string, env ...string) error {
	return run(ctx, output, output, args, env)
}

func run(ctx context.Context, stdout, stderr io.Writer, args, env []string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = ofChild()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = cleanupTimeout
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go test %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// notBuilt matches what go test prints of a package that it could not build.
var notBuilt = regexp.MustCompile(`(?m)^FAIL\t.*\[(build|setup) failed\]$`)

// failedPackage matches what go test prints of a package whose tests failed, which says why itself.
var failedPackage = regexp.MustCompile(`(?m)^FAIL(\t.*\ds)?$`)

// List runs go test with these arguments, with flags by which the scenarios list something and run nothing, and with env added
// to the environment of this process. It returns what they list. If it returns an error, which has the rest of the output, the
// list may be incomplete.
func List(ctx context.Context, args, flags []string, env ...string) (string, error) {
	all := append([]string{"test"}, args...)
	if !slices.Contains(args, "-args") {
		all = append(all, "-args")
	}
	cmd := exec.CommandContext(ctx, "go", append(all, flags...)...)
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		list, failed := stderr.String(), strings.TrimSpace(stdout.String())
		if failed == "" || notBuilt.MatchString(failed) { // the standard error has the compiler's errors, and no list
			list, failed = "", strings.TrimSpace(list+failed)
		}
		if own := strings.TrimSpace(failedPackage.ReplaceAllString(failed, "")); own != "" && !notBuilt.MatchString(failed) {
			return list, errors.New(own)
		}
		return list, fmt.Errorf("%s\n(go %s: %w)", failed, strings.Join(cmd.Args[1:], " "), err)
	}
	return stderr.String(), nil
}
