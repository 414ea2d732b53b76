// Package progress reports what is being done and since when, while it is being done.
//
// `go test` holds a package's output back until the package is done, so what is reported here bypasses it: to the
// standard error of the process that started the test binary.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Heartbeat is how often a step that takes long reports that it is still running.
const Heartbeat = 15 * time.Second

// Log reports steps, one line each. Its methods may be called from several goroutines. A nil Log reports nothing.
type Log struct {
	mu    sync.Mutex
	out   io.Writer
	start time.Time
}

// New makes a Log that writes to out; times are counted from now on.
func New(out io.Writer) *Log { return &Log{out: out, start: time.Now()} }

// Terminal is where a person looks while `go test` holds output back: the standard error of the parent process where
// the system shares it (Linux), else our own. The caller need not close it.
func Terminal() io.Writer {
	out, err := errorsOf(os.Getppid())
	if err != nil {
		return os.Stderr
	}
	return out
}

// Say reports one line.
func (l *Log) Say(format string, a ...any) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, "%s %s\n", clock(time.Since(l.start)), fmt.Sprintf(format, a...))
}

// Print writes text as it is, for example a table.
func (l *Log) Print(text string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprint(l.out, text)
}

// Step is something that is being done.
type Step struct {
	log   *Log
	what  string
	start time.Time
	stop  chan struct{}
	once  sync.Once
}

// Step reports that something begins, and every Heartbeat that it still goes on, until End is called.
func (l *Log) Step(format string, a ...any) *Step {
	s := &Step{log: l, what: fmt.Sprintf(format, a...), start: time.Now(), stop: make(chan struct{})}
	l.Say("…  %s", s.what)
	go func() {
		beat := time.NewTicker(Heartbeat)
		defer beat.Stop()
		for {
			select {
			case <-s.stop:
				return
			case <-beat.C:
				l.Say("…  %s (for %s)", s.what, time.Since(s.start).Round(time.Second))
			}
		}
	}()
	return s
}

// End reports that the step succeeded, or with an error that it failed; it returns the error. Only the first call counts.
func (s *Step) End(err error) error {
	s.once.Do(func() {
		close(s.stop)
		took := time.Since(s.start).Round(100 * time.Millisecond)
		if err != nil {
			s.log.Say("✗  %s: %v (%s)", s.what, err, took)
			return
		}
		s.log.Say("✓  %s (%s)", s.what, took)
	})
	return err
}

func clock(d time.Duration) string {
	d = d.Round(time.Second)
	return fmt.Sprintf("%3d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
