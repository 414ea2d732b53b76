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

// tailLines is how much of the output of a command that kind ran its error carries.
const tailLines = 25

// cleanedWithin is how long cleaning up may take after the run's own context has ended.
const cleanedWithin = 3 * time.Minute

// provider is kind's library on this engine, its steps reported to log.
func provider(eng *engine.Engine, log *progress.Log) *kindcluster.Provider {
	var runtime kindcluster.ProviderOption
	switch eng.Name() {
	case engine.Podman:
		runtime = kindcluster.ProviderWithPodman()
	case engine.Nerdctl:
		runtime = kindcluster.ProviderWithNerdctl(engine.Nerdctl)
	default:
		runtime = kindcluster.ProviderWithDocker()
	}
	return kindcluster.NewProvider(runtime, kindcluster.ProviderWithLogger(&kindLogger{log: log}))
}

// untilCancelled runs do, which takes no context. When ctx ends first, tearDown is called again and again in a context of
// its own, which makes the commands that do runs fail, until do has returned and nothing is left of what it made.
func untilCancelled(ctx context.Context, do func() error, tearDown func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanedWithin)
	defer cancel()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		err := tearDown(cleaning)
		select {
		case <-done:
			return errors.Join(context.Cause(ctx), tearDown(cleaning))
		case <-cleaning.Done():
			return errors.Join(context.Cause(ctx), fmt.Errorf("clean up within %s: %w", cleanedWithin, err))
		case <-again.C:
		}
	}
}

// explain adds to an error of kind's the command that failed and the last of its output, which kind leaves out.
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

// kindLogger turns what kind says into steps of a progress.Log. Kind says " • Doing this 📦 ..." when a step begins and
// " ✓ Doing this 📦" when it has succeeded.
type kindLogger struct {
	log  *progress.Log
	mu   sync.Mutex
	step *progress.Step
}

var errKindStep = errors.New("it failed")

// Warn leaves out what the record says better.
func (l *kindLogger) Warn(message string) {
	if strings.Contains(message, "experimental podman") || strings.Contains(message, "cgroup v1 is deprecated") {
		return
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
	case state == "✗":
		_ = i.step.End(errKindStep)
	}
}

// kindStep reads a line of kind's: the sign that it begins with, and what is done, without ornaments.
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
