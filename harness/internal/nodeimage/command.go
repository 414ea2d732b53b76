package nodeimage

import (
	"context"
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
	return engine.Program{Dir: c.Dir, Env: c.Env, Args: c.Args, Grace: grace, EndsWithParent: true}.Run(ctx)
}
