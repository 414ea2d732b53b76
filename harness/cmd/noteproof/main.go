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
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
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
		Short:         "Test notes about Kubernetes on a real cluster",
		Long:          "Run it in a module with scenarios. go test ./scenarios/... also runs them.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(verify(), sabotage(), check(), list(), explain(), account(), catalogue(), newClaim(), nodeImage(), runMatrix(), runSoak(), runBreaks(), runFaults(), burn(), versions(), reports(), clean(), distclean(), doctor(), versionCommand())
	return root
}

// dirs are the directories that a command uses, as absolute paths (go test runs in those of its packages), and its log.
type dirs struct {
	cache string // NOTEPROOF_CACHE, or noteproof in the user's cache directory
	out   string // NOTEPROOF_OUT, or out in the working directory
	log   *progress.Log
}

// newDirs reads the directories from the environment.
func newDirs() (dirs, error) {
	d := dirs{cache: os.Getenv("NOTEPROOF_CACHE"), out: os.Getenv("NOTEPROOF_OUT"), log: progress.New(os.Stderr)}
	if d.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return d, fmt.Errorf("find the user's cache directory: %w; set NOTEPROOF_CACHE", err)
		}
		d.cache = filepath.Join(dir, "noteproof")
	}
	var err error
	if d.cache, err = filepath.Abs(d.cache); err != nil {
		return d, err
	}
	d.out, err = filepath.Abs(cmp.Or(d.out, "out"))
	return d, err
}

// engine returns the container engine of this machine.
func (d dirs) engine(ctx context.Context) (*engine.Engine, error) {
	return engine.Detect(ctx, engine.Options{Name: cmp.Or(os.Getenv("NOTEPROOF_ENGINE"), os.Getenv("KIND_EXPERIMENTAL_PROVIDER")), Dir: filepath.Join(d.cache, "engine")})
}

// suiteArgs returns the arguments of go test that run the scenarios. Most of the timeout is for building a node image.
func suiteArgs() []string { return []string{"./scenarios/...", "-count=1", "-timeout=60m"} }
