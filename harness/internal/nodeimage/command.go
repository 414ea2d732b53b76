package nodeimage

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// grace is how long an interrupted program of a build may take to clean up: go and mmdebstrap remove their folders.
const grace = 20 * time.Second

// command is a program that a build runs.
type command struct {
	Dir  string
	Env  []string
	Args []string
}

// run returns what the program prints. Its error shows the command as it can be pasted, and the end of its output.
func (c command) run(ctx context.Context) (string, error) {
	return engine.Program{Dir: c.Dir, Env: c.Env, Args: c.Args, Grace: grace}.Run(ctx)
}

// needs is an error that names the packages which hold a program, when this machine lacks it.
func needs(program, packages string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%w\n  on Debian or Ubuntu: apt-get install %s", err, packages)
	}
	return nil
}
