package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/system"
)

// An interrupted run ends within 30 s: the last of them are for the record, the reports and what go test does.
const (
	// cleaningWithin is how long an interrupted run may take to remove its objects from an existing cluster. One that the run
	// created is removed as a whole.
	cleaningWithin = 20 * time.Second
	// lookedWithin is how long it may then take to see what is left there.
	lookedWithin = 5 * time.Second
)

// errParentGone is why a run ends whose go command has ended without it: go test does not pass on SIGTERM, and cannot pass on SIGKILL.
var errParentGone = errors.New("go test, which started the run, has ended")

// interruptible returns a context that ends, with a cause that wraps stage.ErrInterrupted, when the run is interrupted: by Ctrl-C, SIGTERM
// or SIGHUP, unless nohup ignores that, or because go test is gone. A second signal ends the process at once. The caller must call stop.
func interruptible(log *progress.Log) (ctx context.Context, stop func()) {
	ctx, interrupt := context.WithCancelCause(context.Background())
	// Once go test or the terminal is gone, each line of output would end the process before its record is complete: Go does not catch
	// SIGPIPE on standard output and standard error.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	done, end := context.WithCancel(context.Background())
	gone := make(chan struct{})
	if startedByGoTest() {
		system.AfterParent(done, func() { close(gone) })
	}
	go func() {
		var why error
		select {
		case <-done.Done():
			return
		case s := <-signals:
			why = fmt.Errorf("%w by the signal %s", stage.ErrInterrupted, s)
		case <-gone:
			why = fmt.Errorf("%w: %w", stage.ErrInterrupted, errParentGone)
		}
		signal.Stop(signals)
		log.Say("!  %v; a second signal ends it at once, and leaves what it made to the next run or noteproof clean", why)
		interrupt(why)
	}()
	return ctx, func() {
		end()
		signal.Stop(signals)
		signal.Stop(broken)
		interrupt(nil)
	}
}

// startedByGoTest reports whether go test has started this process, by the flag that go test gives, since flags are not parsed yet. Nobody
// else ends it by ending: a shell may end while its background processes run.
func startedByGoTest() bool { return slices.Contains(os.Args, "-test.paniconexit0") }

// cleaningContext returns the context of everything that is removed from the cluster. It does not end with ctx. If ctx was interrupted, it
// ends at once on a cluster that is removed as a whole, and after cleaningWithin on an existing one.
func cleaningContext(ctx context.Context, existing bool) context.Context {
	cleaning, end := context.WithCancelCause(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		if !existing {
			end(context.Cause(ctx))
			return
		}
		time.AfterFunc(cleaningWithin, func() { end(context.Cause(ctx)) })
	})
	return cleaning
}
