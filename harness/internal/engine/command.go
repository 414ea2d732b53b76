package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"
)

// tailLines is how much of a failed command's output its error carries.
const tailLines = 20

// graceful is how long a cancelled command may take to clean up after itself before it is killed.
const graceful = 5 * time.Second

// CommandError is a command that failed. Its text can be pasted into a shell.
type CommandError struct {
	Command string // as one would type it, with the variables that matter
	Output  string // the last lines that it wrote
	Err     error
}

func (e *CommandError) Error() string {
	if e.Output == "" {
		return fmt.Sprintf("`%s`: %v", e.Command, e.Err)
	}
	return fmt.Sprintf("`%s`: %v: %s", e.Command, e.Err, e.Output)
}

// Unwrap returns the cause, often an *exec.ExitError or a context's error.
func (e *CommandError) Unwrap() error { return e.Err }

// Command prepares a command of the engine with the adapted environment. Cancelling ctx interrupts it, so that it can
// tidy up, and kills it when that takes too long.
func (e *Engine) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, e.name, args...)
	cmd.Env = append(os.Environ(), e.environ...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = graceful
	return cmd
}

// Run runs a command of the engine and returns what it wrote to its standard output, without the space around it. The
// error is a *CommandError.
func (e *Engine) Run(ctx context.Context, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := e.Command(ctx, args...)
	cmd.Stdout = &stdout
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		said := stderr.String()
		if said == "" {
			said = stdout.String()
		}
		return "", &CommandError{
			Command: shellescape.QuoteCommand(slices.Concat(e.environ, []string{e.name}, args)),
			Output:  Tail(said, tailLines),
			Err:     err,
		}
	}
	return strings.TrimSpace(stdout.String()), nil
}

// Environ returns the variables, as "NAME=value", that other programs need to use the engine as we do.
func (e *Engine) Environ() []string { return slices.Clone(e.environ) }

// Activate sets the variables of Environ in this process, for libraries that run the engine themselves, as kind's
// does, and keeps the terminal's signals from podman: what it starts ends when the run removes it. Calling it again
// changes nothing.
func (e *Engine) Activate() error {
	for _, variable := range e.environ {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	if err := os.Setenv("PATH", first(e.shieldDir, os.Getenv("PATH"))); err != nil {
		return fmt.Errorf("set PATH: %w", err)
	}
	return nil
}

// Tail returns the last lines of a command's output that say something.
func Tail(output string, lines int) string {
	var kept []string
	for line := range strings.SplitSeq(strings.TrimSpace(output), "\n") {
		if line = strings.TrimRight(line, " \r\t"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-lines):], "\n")
}
