package nodeimage

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// grace is how long an interrupted program may take to clean up: go and mmdebstrap remove their temporary folders.
const grace = 20 * time.Second

// command is a program that a build runs.
type command struct {
	Dir  string
	Env  []string
	Args []string
}

// run returns the program's standard output. Its error shows the command, quoted for a shell, and the end of the output.
func (c command) run(ctx context.Context) (string, error) {
	return engine.Program{Dir: c.Dir, Env: c.Env, Args: c.Args, Grace: grace}.Run(ctx)
}

// checkProgram returns an error if this machine lacks a program. The error names the packages that contain it.
func checkProgram(program, packages string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%w\n  on Debian or Ubuntu: apt-get install %s", err, packages)
	}
	return nil
}
