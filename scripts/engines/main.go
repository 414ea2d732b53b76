//go:build linux

// Command engines runs the suite on docker, podman and nerdctl in turn and shows what came of it. An engine that works on this
// machine is used as it is. Otherwise docker and nerdctl are built from their Go modules, run in folders and on sockets of their
// own, and are stopped and removed afterwards, also after an interruption.
//
//	build.go     compiles the programs of an engine into the cache
//	engine.go    what each engine consists of, and how it is started and stopped
//	daemon.go    a program that runs until it is stopped
//	leftover.go  what an engine leaves on the machine: processes, mounts, interfaces, folders
//	firewall.go  the chains of the firewall that an engine adds
//	suite.go     runs the suite and reads its record
//	table.go     the table of the results
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

func main() {
	// The daemons and the suite get a signal when the thread that started them ends.
	runtime.LockOSThread()
	names := flag.String("engines", "", "the engines, separated by spaces; empty means docker, podman and nerdctl")
	flag.Parse()
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop() // until then, a further signal does not interrupt the cleanup
	if err := run(ctx, strings.Fields(*names), flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "engines:", err)
		os.Exit(1)
	}
}

// run runs the suite on each engine and prints the table. The error says on which engines it did not come out as expected.
func run(ctx context.Context, names, suite []string) error {
	supported := []string{docker, podman, nerdctl}
	if len(names) == 0 {
		names = supported
	}
	for _, name := range names {
		if !slices.Contains(supported, name) {
			return fmt.Errorf("the engine %q is not supported: ENGINES takes docker, podman and nerdctl", name)
		}
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	lock := flock.New(filepath.Join(cache, "lock"))
	if free, err := lock.TryLock(); err != nil || !free {
		return errors.Join(errors.New("another make engines is running: wait for it"), err)
	}
	defer lock.Unlock() //nolint:errcheck // it ends with the process
	var rows []row
	for _, name := range names {
		if ctx.Err() != nil {
			break
		}
		say("%s", name)
		rows = append(rows, runOn(ctx, name, cache, suite))
	}
	printTable(os.Stdout, rows)
	return errors.Join(context.Cause(ctx), verdict(rows))
}

// runOn runs the suite on one engine. Whatever happens, the engine is stopped and its folders are removed.
func runOn(ctx context.Context, name, cache string, suite []string) (r row) {
	r = row{engine: name}
	dir, err := os.MkdirTemp("/tmp", "np-") // not in TMPDIR: the path of a socket may have 107 characters
	if err != nil {
		r.failure = fmt.Errorf("create a folder: %w", err)
		return r
	}
	e := &engine{name: name, dir: dir, cache: cache, before: observe()}
	defer func() {
		say("%s: stop it and remove its folders", name)
		r.left = append(r.left, e.stop()...)
	}()
	if r.failure = e.start(ctx); r.failure != nil {
		return r
	}
	before := e.objects()
	r.outcome, r.failure = runSuite(ctx, e, suite)
	for _, object := range e.objects() {
		if !slices.Contains(before, object) {
			r.left = append(r.left, object)
		}
	}
	return r
}

// cacheDir returns the folder of the built engines in noteproof's cache.
func cacheDir() (string, error) {
	dir := os.Getenv("NOTEPROOF_CACHE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the user's cache directory: %w; set NOTEPROOF_CACHE", err)
		}
		dir = filepath.Join(cache, "noteproof")
	}
	dir, err := filepath.Abs(filepath.Join(dir, "engines"))
	if err != nil {
		return "", fmt.Errorf("find the cache: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("create the cache: %w; set NOTEPROOF_CACHE to a folder that can be written", err)
	}
	return filepath.EvalSymlinks(dir) // as the kernel names the programs in it
}

func say(format string, a ...any) {
	fmt.Fprintf(os.Stderr, "=== %s  %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, a...))
}
