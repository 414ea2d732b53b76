package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"
)

const (
	// tailLines is how much of a failed program's output its error carries.
	tailLines = 25
	// usualGrace is the Grace of a Program that names none.
	usualGrace = 5 * time.Second
)

// Program is a program of this machine, with all that it takes to run it again by hand.
type Program struct {
	Dir  string   // empty is the current folder
	Env  []string // "NAME=value", on top of the environment of this process
	Args []string // the program and its arguments
	// Grace is how long the interrupted program may take to clean up before it is killed; zero means 5 s.
	Grace time.Duration
}

// Command prepares the program. When ctx ends it is interrupted, and killed when its grace is over.
func (p Program) Command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Args[0], p.Args[1:]...)
	cmd.Dir, cmd.Env = p.Dir, append(os.Environ(), p.Env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = cmp.Or(p.Grace, usualGrace)
	return cmd
}

// Run runs the program and returns what it wrote to its standard output. The error is a *CommandError.
func (p Program) Run(ctx context.Context) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := p.Command(ctx)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		output := cmp.Or(Tail(stderr.String(), tailLines), Tail(stdout.String(), tailLines))
		return "", &CommandError{Command: p.String(), Output: output, Err: err}
	}
	return stdout.String(), nil
}

// String is the program as it can be pasted into a shell.
func (p Program) String() string {
	var words []string
	if p.Dir != "" {
		words = append(words, "cd", shellescape.Quote(p.Dir), "&&")
	}
	for _, variable := range p.Env { // a name that is quoted would be a command
		name, value, _ := strings.Cut(variable, "=")
		words = append(words, name+"="+shellescape.Quote(value))
	}
	return strings.Join(append(words, shellescape.QuoteCommand(p.Args)), " ")
}

// CommandError is a command that failed. Its text can be pasted into a shell.
type CommandError struct {
	Command string // as one would type it, with the variables that matter
	Output  string // the last lines that it wrote, to its standard error if it wrote there
	Err     error
}

func (e *CommandError) Error() string {
	text := fmt.Sprintf("`%s`: %v", e.Command, e.Err)
	switch {
	case e.Output == "":
		return text
	case !strings.Contains(e.Output, "\n"):
		return text + ": " + e.Output
	default:
		return text + "\n    " + strings.ReplaceAll(e.Output, "\n", "\n    ")
	}
}

// Unwrap returns the cause, often an *exec.ExitError or a context's error.
func (e *CommandError) Unwrap() error { return e.Err }

// Tail returns the last lines of a program's output that say something.
func Tail(output string, lines int) string {
	var kept []string
	for line := range strings.SplitSeq(strings.TrimSpace(output), "\n") {
		if line = strings.TrimRight(line, " \r\t"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-lines):], "\n")
}
