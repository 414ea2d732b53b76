// Command noteproof does what the Makefile offers beside the tests: it builds node images, renders the reports of a
// record again, describes the machine and cleans up.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // else it was started to outlive its terminal
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "noteproof:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	root := &cobra.Command{
		Use:           "noteproof",
		Short:         "Put notes about Kubernetes to the test on a real cluster",
		Long:          "The tests themselves are run by go test ./scenarios/..., or make verify; these are the commands beside them.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newClaim(), nodeImage(), runMatrix(), runSoak(), runBreaks(), runFaults(), burn(), versions(), reports(), clean(), distclean(), doctor())
	return root
}

// place is where a command works, as the environment says.
type place struct {
	cache string // NOTEPROOF_CACHE, or noteproof in the user's cache folder
	out   string // NOTEPROOF_OUT, or out in the folder of the go.mod
	log   *progress.Log
}

func here() (place, error) {
	p := place{cache: os.Getenv("NOTEPROOF_CACHE"), out: os.Getenv("NOTEPROOF_OUT"), log: progress.New(os.Stderr)}
	if p.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return p, fmt.Errorf("find the user's cache folder: %w; name one by NOTEPROOF_CACHE", err)
		}
		p.cache = filepath.Join(dir, "noteproof")
	}
	if p.out == "" {
		p.out = "out"
	}
	return p, nil
}

// engine is the container engine that works here.
func (p place) engine(ctx context.Context) (*engine.Engine, error) {
	return engine.Detect(ctx, engine.Options{Name: os.Getenv("NOTEPROOF_ENGINE"), Dir: p.cache})
}
