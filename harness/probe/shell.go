package probe

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Shell looks at the cluster from inside a container, or from another machine that runs commands.
type Shell struct {
	place string // "in Pods app=web"
	run   func(ctx context.Context, command ...string) (Output, error)
	limit time.Duration // of one request; 0 means requestLimit
}

// NewShell returns a Shell that runs commands with run. run must return an error only if a command could not be run, not if
// the command fails. place says where it runs them, such as "in Pods app=web".
func NewShell(place string, run func(ctx context.Context, command ...string) (Output, error)) Shell {
	return Shell{place: place, run: run}
}

// WithLimit returns the same Shell with another time limit for one request; 0 means 2 s. A slow machine needs more.
func (s Shell) WithLimit(limit time.Duration) Shell {
	s.limit = limit
	return s
}

// In returns a Shell in a container of the only Pod; an empty name means the Pod's main container. The Pod is looked up for
// each command, so the Shell also works after the Pod was replaced.
func (p Pods) In(container string) Shell {
	place := "in " + p.Name()
	if container != "" {
		place = fmt.Sprintf("in container %s of %s", container, p.Name())
	}
	return NewShell(place, func(ctx context.Context, command ...string) (Output, error) {
		pod, err := p.One(ctx)
		if err != nil {
			return Output{}, err
		}
		name := container
		if name == "" {
			name = MainContainer(pod)
		}
		return p.cluster.exec(ctx, pod, name, command)
	}).WithLimit(p.cluster.Limit)
}

// Output is the output of a command, and its exit code.
type Output struct {
	Stdout, Stderr string
	ExitCode       int
}

func (o Output) String() string {
	return shorten(fmt.Sprintf("exit code %d %s %s", o.ExitCode, strings.TrimSpace(o.Stdout), strings.TrimSpace(o.Stderr)))
}

// Run runs a command. It returns an error only if the command could not be run. The exit code of a command that fails is in
// the Output.
func (s Shell) Run(ctx context.Context, command ...string) (Output, error) {
	start := time.Now()
	out, err := s.run(ctx, command...)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Output{}, fmt.Errorf("run %s %s: it had not ended after %.1f s: %w", describeCommand(command), s.place, time.Since(start).Seconds(), err)
	case err != nil:
		return Output{}, fmt.Errorf("run %s %s: %w", describeCommand(command), s.place, err)
	case out.ExitCode == 126 || out.ExitCode == 127:
		return Output{}, fmt.Errorf("run %s %s: the image cannot run it: %s", describeCommand(command), s.place, out)
	}
	return out, nil
}

// describeCommand returns a command for an error message. It omits the text of a script.
func describeCommand(command []string) string {
	if len(command) > 2 && command[1] == "-c" && strings.Contains(command[2], "\n") {
		return "a script of " + command[0]
	}
	return strconv.Quote(shorten(strings.Join(command, " ")))
}
