package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"al.essio.dev/pkg/shellescape"
)

const (
	// tailLines is the number of lines of a failed program's output that its error includes.
	tailLines = 25
	// defaultGrace is the default Grace of a Program.
	defaultGrace = 5 * time.Second
)

// Program is a program of this machine, with everything that is needed to run it again by hand.
type Program struct {
	Dir  string   // empty means the current folder
	Env  []string // "NAME=value", added to the environment of this process
	Args []string // the program and its arguments
	// Grace is how long the interrupted program may take to clean up before it is killed; zero means 5 s.
	Grace time.Duration
	// EndsWithParent makes the program, and all that it has started, end when this process does, also when that is killed.
	EndsWithParent bool
}

// Command returns the program as a command, in a process group of its own, so that Ctrl-C does not end it before the caller knows of the
// interruption. When ctx ends, it is interrupted, and killed after its Grace.
func (p Program) Command(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Args[0], p.Args[1:]...)
	cmd.Dir, cmd.Env = p.Dir, append(os.Environ(), p.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if p.EndsWithParent {
			return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		}
		return cmd.Process.Signal(os.Interrupt)
	}
	cmd.WaitDelay = cmp.Or(p.Grace, defaultGrace)
	return cmd
}

// Run runs the program and returns its standard output. The error is a *CommandError.
func (p Program) Run(ctx context.Context) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := p.Command(ctx)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Start()
	if err == nil {
		if p.EndsWithParent {
			defer EndWithParent(cmd)()
		}
		err = cmd.Wait()
	}
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		output := cmp.Or(Tail(stderr.String(), tailLines), Tail(stdout.String(), tailLines))
		return "", &CommandError{Command: p.String(), Output: output, Err: err}
	}
	return stdout.String(), nil
}

// interruptGroup interrupts a process group once its standard input ends, and kills what is left of it ten seconds later.
const interruptGroup = `read -r _
kill -s INT -- "-$1"
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "-$1" || exit 0; sleep 1; done
kill -s KILL -- "-$1"`

// EndWithParent makes a started command, and all that it starts, end when this process does, also when that is killed: a shell waits for
// the end of a pipe that only this process holds open. It does nothing if there is no shell. The caller must call release when the command
// has ended.
func EndWithParent(cmd *exec.Cmd) (release func()) {
	guard := exec.Command("sh", "-c", interruptGroup, "sh", strconv.Itoa(cmd.Process.Pid))
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	alive, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		return func() {}
	}
	return func() {
		_ = guard.Process.Kill() // before its input ends
		_ = guard.Wait()
		_ = alive.Close()
	}
}

// String returns the command line, quoted for a shell.
func (p Program) String() string {
	var words []string
	if p.Dir != "" {
		words = append(words, "cd", shellescape.Quote(p.Dir), "&&")
	}
	for _, variable := range p.Env { // a shell would take a quoted name for a command
		name, value, _ := strings.Cut(variable, "=")
		words = append(words, name+"="+shellescape.Quote(value))
	}
	return strings.Join(append(words, shellescape.QuoteCommand(p.Args)), " ")
}

// CommandError is the error of a command that failed.
type CommandError struct {
	Command string // the command line, quoted for a shell, with the variables that were added
	Output  string // the last lines of its standard error, or of its standard output when that is empty
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

// Tail returns the last non-empty lines of a program's output.
func Tail(output string, lines int) string {
	var kept []string
	for line := range strings.SplitSeq(strings.TrimSpace(output), "\n") {
		if line = strings.TrimRight(line, " \r\t"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-lines):], "\n")
}
