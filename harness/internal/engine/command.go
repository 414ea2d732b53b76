package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// harmless are the commands that may be interrupted anywhere: they change neither containers nor networks.
var harmless = [...]string{"exec", "image", "info", "inspect", "load", "ps", "pull", "save", "version"}

// program returns the engine with arguments. Harmless commands run past the wrapper, whose session hides the end of a context from podman.
func (e *Engine) program(args []string) Program {
	name := e.name
	if e.unwrapped != "" && len(args) > 0 && slices.Contains(harmless[:], args[0]) {
		name = e.unwrapped
	}
	return Program{Env: e.environ, Args: append([]string{name}, args...)}
}

// Command returns a command of the engine with the adapted environment. When ctx ends, the command is interrupted, so that it
// can clean up, and killed if that takes more than 5 s.
func (e *Engine) Command(ctx context.Context, args ...string) *exec.Cmd {
	return e.program(args).Command(ctx)
}

// Run runs a command of the engine and returns its standard output without leading and trailing space. The error is a
// *CommandError.
func (e *Engine) Run(ctx context.Context, args ...string) (string, error) {
	out, err := e.program(args).Run(ctx)
	return strings.TrimSpace(out), err
}

// Environ returns the variables, as "NAME=value", with which other programs use the engine as this package does.
func (e *Engine) Environ() []string { return slices.Clone(e.environ) }

// Activate sets the variables of Environ in this process, for libraries that run the engine themselves, such as kind's, and puts
// the engine's wrapper on the PATH if it has one. Calling it again changes nothing.
func (e *Engine) Activate() error {
	for _, variable := range e.environ {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	if err := os.Setenv("PATH", prepend(e.wrapperDir, os.Getenv("PATH"))); err != nil {
		return fmt.Errorf("set PATH: %w", err)
	}
	return nil
}
