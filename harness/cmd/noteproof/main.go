package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/secret"
	"github.com/noteproof/noteproof/harness/internal/system"
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	if system.StartedByGo() { // go run does not pass on SIGTERM, which make sends
		system.AfterParent(ctx, stop)
	}
	context.AfterFunc(ctx, stop) // a second signal ends this process at once; what it has started cleans up by itself
	secret.Know(secret.InEnvironment(os.Environ())...)
	begun := false
	command := root()
	command.PersistentPreRun = func(*cobra.Command, []string) { begun = true }
	err := command.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "noteproof:", secret.Mask(err.Error()))
	}
	os.Exit(status(err, begun))
}

func root() *cobra.Command {
	root := &cobra.Command{
		Use:           "noteproof",
		Short:         "Test notes about Kubernetes on a real cluster",
		Long:          "Run it in a module with scenarios, in its root or below it. go test ./scenarios/... also runs them.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	ofSuite := []*cobra.Command{verify(), sabotage(), check(), list(), explain(), account(), catalogue(), newClaim(), runMatrix(), runSoak(), runBreaks(), runFaults()}
	for _, command := range ofSuite {
		command.PreRunE = checkCaller
	}
	root.AddCommand(ofSuite...)
	root.AddCommand(nodeImage(), bundle(), burn(), versions(), reports(), clean(), distclean(), doctor(), versionCommand())
	return root
}

// dirs are the directories that a command uses, as absolute paths (go test runs in those of its packages), and its log.
type dirs struct {
	cache string // NOTEPROOF_CACHE, or noteproof in the user's cache directory
	out   string // NOTEPROOF_OUT, or out in the module's root
	// registries are mirrors from which images are pulled: NOTEPROOF_REGISTRY.
	registries nodeimage.Registries
	log        *progress.Log
}

// newDirs reads the directories from the environment.
func newDirs() (dirs, error) {
	d := dirs{out: os.Getenv("NOTEPROOF_OUT"), log: progress.New(os.Stderr)}
	wd, err := os.Getwd()
	if err != nil {
		return d, err
	}
	if d.registries, err = nodeimage.ParseRegistries(os.Getenv("NOTEPROOF_REGISTRY")); err != nil {
		return d, exit{exitUsage, fmt.Errorf("NOTEPROOF_REGISTRY: %w", err)}
	}
	if err := engine.CheckName(os.Getenv("NOTEPROOF_ENGINE")); err != nil {
		return d, exit{exitUsage, err}
	}
	if d.cache, err = environ.Cache(os.Getenv, wd); err != nil {
		return d, exit{exitUsage, err}
	}
	d.out, err = filepath.Abs(cmp.Or(d.out, filepath.Join(moduleRoot(), "out")))
	return d, err
}

// source returns where node images come from, without an engine.
func (d dirs) source() *nodeimage.Source {
	return &nodeimage.Source{Cache: d.cache, Log: d.log, Registries: d.registries}
}

// engine returns the container engine of this machine.
func (d dirs) engine(ctx context.Context) (*engine.Engine, error) {
	return d.engineNamed(ctx, os.Getenv("NOTEPROOF_ENGINE"))
}

// engineNamed returns the container engine with this name; empty for the one that kind's variable names, or the first that works.
func (d dirs) engineNamed(ctx context.Context, name string) (*engine.Engine, error) {
	return engine.Detect(ctx, engine.Options{Name: cmp.Or(name, os.Getenv("KIND_EXPERIMENTAL_PROVIDER")), Dir: filepath.Join(d.cache, "engine")})
}

// suiteFlags are the flags of go test for the scenarios. Most of the timeout is for building a node image.
var suiteFlags = []string{"-count=1", "-timeout=60m"}

// suiteArgs returns the arguments of go test that run the scenarios of the module. Paths in them are relative to the working
// directory, which may be one below the module's root.
func suiteArgs() []string {
	return append([]string{relative(filepath.Join(moduleRoot(), "scenarios")) + "/..."}, suiteFlags...)
}

// moduleRoot returns the root of the module of the working directory, or the working directory outside a module.
func moduleRoot() string {
	wd, err := os.Getwd()
	if err != nil {
		return "."
	}
	if root, err := environ.ModuleRoot(wd); err == nil {
		return root
	}
	return wd
}

// relative returns a path relative to the working directory, as the go command wants it: it begins with a dot.
func relative(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	below, err := filepath.Rel(wd, path)
	if err != nil {
		return path
	}
	if below = filepath.ToSlash(below); strings.HasPrefix(below, ".") {
		return below
	}
	return "./" + below
}

// inModule returns an error outside a module, where no suite can be run or listed.
func inModule() error {
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := environ.ModuleRoot(wd); err != nil {
		return exit{exitUsage, fmt.Errorf("%w; run noteproof in a module with scenarios, such as docs/example of noteproof", err)}
	}
	return nil
}

// checkCaller returns an error if a command that needs a suite is called outside a module, or with a wrong variable in its environment.
func checkCaller(cmd *cobra.Command, _ []string) error {
	if err := inModule(); err != nil {
		return err
	}
	for _, v := range runVariables() {
		if flag := cmd.Flags().Lookup(v.flag); flag != nil && flag.Changed || v.check == nil {
			continue // the command checks its flags
		}
		if cmd.Name() == matrixCommand && v.env == "K8S" { // make sets it to all versions, which are arguments, too
			continue
		}
		if err := v.check(os.Getenv(v.env)); err != nil {
			return exit{exitUsage, fmt.Errorf("%s: %w", v.env, err)}
		}
	}
	if _, err := environ.ParseKeep(os.Getenv("KEEP")); err != nil {
		return exit{exitUsage, err}
	}
	if _, err := environ.Bool(os.Getenv, "SABOTAGE"); err != nil {
		return exit{exitUsage, err}
	}
	if _, err := regexp.Compile(os.Getenv("CLAIMS")); err != nil {
		return exit{exitUsage, fmt.Errorf("CLAIMS=%q is not a regular expression: %w", os.Getenv("CLAIMS"), err)}
	}
	if out := os.Getenv("NOTEPROOF_OUT"); out != "" {
		if err := environ.Creatable(out); err != nil {
			return exit{exitUsage, fmt.Errorf("NOTEPROOF_OUT=%s: records cannot be written there: %w: name a directory that can be written", out, err)}
		}
	}
	_, err := newDirs()
	return err
}
