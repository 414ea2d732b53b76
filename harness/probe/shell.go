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

// NewShell is a Shell where run runs commands: a command that fails is no error, one that could not be run is. Place says
// where that is, such as "in Pods app=web".
func NewShell(place string, run func(ctx context.Context, command ...string) (Output, error)) Shell {
	return Shell{place: place, run: run}
}

// WithLimit is the same Shell with another time limit for one request; 0 means 2 s. A slow machine needs more.
func (s Shell) WithLimit(limit time.Duration) Shell {
	s.limit = limit
	return s
}

// In is a Shell in a container of the one Pod that there is; an empty name means the Pod's main container. The Pod is
// looked up at each use, so the Shell outlives it.
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

// Output is what a command left behind.
type Output struct {
	Stdout, Stderr string
	ExitCode       int
}

func (o Output) String() string {
	return shorten(fmt.Sprintf("exit code %d %s %s", o.ExitCode, strings.TrimSpace(o.Stdout), strings.TrimSpace(o.Stderr)))
}

// Run runs a command there. A command that fails is no error: its exit code is in the Output. An error means that it
// could not be run.
func (s Shell) Run(ctx context.Context, command ...string) (Output, error) {
	start := time.Now()
	out, err := s.run(ctx, command...)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Output{}, fmt.Errorf("run %s %s: it had not ended after %.1f s: %w", inWords(command), s.place, time.Since(start).Seconds(), err)
	case err != nil:
		return Output{}, fmt.Errorf("run %s %s: %w", inWords(command), s.place, err)
	case out.ExitCode == 126 || out.ExitCode == 127:
		return Output{}, fmt.Errorf("run %s %s: the image cannot run it: %s", inWords(command), s.place, out)
	}
	return out, nil
}

// inWords is a command as an error names it: of a script, only that it is one.
func inWords(command []string) string {
	if len(command) > 2 && command[1] == "-c" && strings.Contains(command[2], "\n") {
		return "a script of " + command[0]
	}
	return strconv.Quote(shorten(strings.Join(command, " ")))
}
