package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	kindcluster "sigs.k8s.io/kind/pkg/cluster"
	kindexec "sigs.k8s.io/kind/pkg/exec"
	kindlog "sigs.k8s.io/kind/pkg/log"

	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// tailLines is the number of lines of a failed command's output that its error includes.
const tailLines = 25

// cleanupTimeout limits the cleanup after the run's own context has ended.
const cleanupTimeout = 3 * time.Minute

// provider returns kind's provider for the engine. It reports kind's steps to log.
func provider(eng *engine.Engine, log *progress.Log) *kindcluster.Provider {
	return loggingProvider(eng, &kindLogger{log: log})
}

func loggingProvider(eng *engine.Engine, logger *kindLogger) *kindcluster.Provider {
	var runtime kindcluster.ProviderOption
	switch eng.Name() {
	case engine.Podman:
		runtime = kindcluster.ProviderWithPodman()
	case engine.Nerdctl:
		runtime = kindcluster.ProviderWithNerdctl(engine.Nerdctl)
	default:
		runtime = kindcluster.ProviderWithDocker()
	}
	return kindcluster.NewProvider(runtime, kindcluster.ProviderWithLogger(logger))
}

// abandonAfter is how long a cancelled creation of a cluster may take to fail. The commands that create a container take less; kind then
// waits half a minute for what a container logs, also when it is gone.
const abandonAfter = 10 * time.Second

// untilCancelled runs do, which takes no context. When ctx ends first, it calls stop repeatedly, with a context of its own, until do has
// returned or abandonAfter has passed: without the containers, the commands that do runs fail. Then remove removes what is left.
func untilCancelled(ctx context.Context, do func() error, stop, remove func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	abandoned, end := context.WithTimeout(cleaning, abandonAfter)
	defer end()
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	for {
		_ = stop(cleaning) // what it cannot remove, remove does, or says why not
		select {
		case <-done:
			return errors.Join(context.Cause(ctx), remove(cleaning))
		case <-abandoned.Done():
			return errors.Join(context.Cause(ctx), remove(cleaning))
		case <-again.C:
		}
	}
}

// explain adds the failed command and the end of its output to an error of kind's, which omits them.
func explain(err error) error {
	failed := kindexec.RunErrorForError(err)
	if failed == nil {
		return err
	}
	what, _, _ := strings.Cut(err.Error(), ": command ")
	return fmt.Errorf("%s: %w", what, &engine.CommandError{
		Command: failed.PrettyCommand(), Output: engine.Tail(string(failed.Output), tailLines), Err: failed.Inner,
	})
}

// kindLogger converts kind's messages into steps of a progress.Log. Kind logs " • Doing this 📦 ..." when a step begins and
// " ✓ Doing this 📦" when it has succeeded.
type kindLogger struct {
	log *progress.Log
	// prepared is called when containerd runs on the nodes, and Kubernetes not yet. It may be nil.
	prepared func()
	mu       sync.Mutex
	step     *progress.Step
}

var errKindStep = errors.New("it failed")

// Warn drops the warnings about facts that the record contains anyway.
func (l *kindLogger) Warn(message string) {
	for _, known := range []string{"experimental podman", "cgroup v1 is deprecated", "Overriding docker network", "Overriding podman network", "Here be dragons"} {
		if strings.Contains(message, known) {
			return
		}
	}
	l.log.Say("!  kind: %s", strings.TrimSpace(message))
}

func (l *kindLogger) Warnf(format string, a ...any)            { l.Warn(fmt.Sprintf(format, a...)) }
func (l *kindLogger) Error(message string)                     { l.log.Say("!  kind: %s", strings.TrimSpace(message)) }
func (l *kindLogger) Errorf(format string, a ...any)           { l.Error(fmt.Sprintf(format, a...)) }
func (l *kindLogger) V(level kindlog.Level) kindlog.InfoLogger { return kindInfo{l, level == 0} }

type kindInfo struct {
	*kindLogger
	enabled bool
}

func (i kindInfo) Enabled() bool                 { return i.enabled }
func (i kindInfo) Infof(format string, a ...any) { i.Info(fmt.Sprintf(format, a...)) }

func (i kindInfo) Info(message string) {
	if !i.enabled {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	state, what := kindStep(message)
	switch {
	case state == "•":
		i.step = i.log.Step("kind: %s", what)
	case i.step == nil:
	case state == "✓":
		_ = i.step.End(nil)
		if i.prepared != nil && what == "writing configuration" {
			i.prepared()
		}
	case state == "✗":
		_ = i.step.End(errKindStep)
	}
}

// kindStep parses one of kind's messages into its leading sign and its text, without emoji and trailing dots.
func kindStep(message string) (state, what string) {
	message = strings.TrimSpace(message)
	for _, sign := range []string{"•", "✓", "✗"} {
		if rest, found := strings.CutPrefix(message, sign); found {
			state, message = sign, rest
		}
	}
	plain := strings.Map(func(r rune) rune {
		if r > unicode.MaxLatin1 {
			return -1
		}
		return r
	}, message)
	plain = strings.TrimSuffix(strings.TrimSpace(plain), "...")
	if plain = strings.TrimSpace(plain); plain != "" {
		plain = strings.ToLower(plain[:1]) + plain[1:]
	}
	return state, plain
}
