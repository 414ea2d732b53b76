package nodeimage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	// tailLines is how much of a failed command's output an error shows.
	tailLines = 25
	// killDelay is what an interrupted command gets for clearing up before it is killed.
	killDelay = 20 * time.Second
)

// command is a program of this machine with all that it takes to run it again by hand.
type command struct {
	Dir  string   // "" is the current folder
	Env  []string // on top of our own
	Args []string
}

// needs is an error that says how to come by a program when this machine lacks it.
func needs(program, packages string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%w\n  on Debian or Ubuntu: apt-get install %s", err, packages)
	}
	return nil
}

// run returns what the command prints. Its error shows the command as it can be pasted, and the end of its output.
func (c command) run(ctx context.Context) (stdout string, err error) {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, killDelay
	var out bytes.Buffer
	var both output
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, &both), &both
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w\n  tried: %s\n%s", err, c, tail(both.buf.String()))
	}
	return out.String(), nil
}

// output collects what a command prints on both of its streams, which are copied by a goroutine each.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String is the command as it can be pasted into a shell.
func (c command) String() string {
	var words []string
	if c.Dir != "" {
		words = append(words, "cd", quote(c.Dir), "&&")
	}
	for _, e := range c.Env {
		name, value, _ := strings.Cut(e, "=")
		words = append(words, name+"="+quote(value))
	}
	for _, a := range c.Args {
		words = append(words, quote(a))
	}
	return strings.Join(words, " ")
}

func quote(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$&|;<>()*?[]{}~#`!") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func tail(output string) string {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	if len(lines) > tailLines {
		lines = append([]string{"…"}, lines[len(lines)-tailLines:]...)
	}
	return "    " + strings.Join(lines, "\n    ")
}
