// Command noteproof puts notes about Kubernetes to the test, and does all that goes with it: it runs the scenarios of the module
// that it is called in, by go test, on one version or on many, lists and explains claims, builds node images, renders reports
// again, describes the machine and cleans up.
package main

import (
	"cmp"
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
	begun := false
	command := root()
	command.PersistentPreRun = func(*cobra.Command, []string) { begun = true }
	err := command.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "noteproof:", err)
	}
	os.Exit(status(err, begun))
}

func root() *cobra.Command {
	root := &cobra.Command{
		Use:           "noteproof",
		Short:         "Put notes about Kubernetes to the test on a real cluster",
		Long:          "Run it in a module with scenarios. go test ./scenarios/... runs them as well.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(verify(), sabotage(), check(), list(), explain(), account(), catalogue(), newClaim(), nodeImage(), runMatrix(), runSoak(), runBreaks(), runFaults(), burn(), versions(), reports(), clean(), distclean(), doctor(), versionCommand())
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
	return engine.Detect(ctx, engine.Options{Name: cmp.Or(os.Getenv("NOTEPROOF_ENGINE"), os.Getenv("KIND_EXPERIMENTAL_PROVIDER")), Dir: p.cache})
}
