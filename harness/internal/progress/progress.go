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

// Log reports steps, one line each. On a terminal a step has a line when it has ended, and what is being done is shown on the
// last one. Its methods may be called from several goroutines. A nil Log reports nothing.
type Log struct {
	mu    sync.Mutex
	out   io.Writer
	start time.Time
	live  *live // nil where out is no terminal
}

// New makes a Log that writes to out; times are counted from now on.
func New(out io.Writer) *Log { return &Log{out: out, start: time.Now(), live: newLive(out)} }

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
	l.write(fmt.Sprintf("%s %s\n", clock(time.Since(l.start)), fmt.Sprintf(format, a...)))
}

// Print writes text as it is, for example a table.
func (l *Log) Print(text string) {
	if l == nil {
		return
	}
	l.write(text)
}

func (l *Log) write(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live == nil {
		fmt.Fprint(l.out, text)
		return
	}
	l.live.clear()
	fmt.Fprint(l.out, text)
	l.live.draw()
}

// show changes what the last line of the terminal shows; without one it does nothing.
func (l *Log) show(change func(*live)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live != nil {
		change(l.live)
	}
}

// redraw writes the last line of the terminal again, with how much is done by now.
func (l *Log) redraw() {
	var ask func() (int, string)
	l.show(func(v *live) { ask = v.ask })
	done, running := 0, ""
	if ask != nil {
		done, running = ask() // without the lock, since it waits for one of its own
	}
	l.show(func(v *live) {
		v.done, v.running = done, running
		v.draw()
	})
}

// every calls do every Heartbeat until stop is closed, unless what is done is shown on the last line of a terminal.
func (l *Log) every(stop <-chan struct{}, do func()) {
	if l.live != nil {
		return
	}
	beat := time.NewTicker(Heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-stop:
			return
		case <-beat.C:
			do()
		}
	}
}

// Watch reports how many of so many things, such as "claims", are done, and which are being done, until stop is called: every
// Heartbeat, and all the time on a terminal. The function that is asked must not use the Log.
func (l *Log) Watch(total int, things string, ask func() (done int, running string)) (stop func()) {
	if l == nil {
		return func() {}
	}
	finished := make(chan struct{})
	go l.every(finished, func() {
		done, running := ask()
		l.Say("…  %d of %d %s done; running: %s", done, total, things, running)
	})
	l.show(func(v *live) {
		v.count(total, ask)
		v.begin(l.redraw)
	})
	return func() {
		close(finished)
		l.show(func(v *live) {
			v.count(0, nil)
			v.end()
		})
	}
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
	if l == nil {
		return s
	}
	if l.live == nil {
		l.Say("…  %s", s.what)
	}
	go l.every(s.stop, func() { l.Say("…  %s (for %s)", s.what, time.Since(s.start).Round(time.Second)) })
	l.show(func(v *live) {
		v.steps = append(v.steps, s)
		v.begin(l.redraw)
	})
	return s
}

// End reports that the step succeeded, or with an error that it failed; it returns the error. Only the first call counts.
func (s *Step) End(err error) error {
	s.once.Do(func() {
		close(s.stop)
		if s.log != nil {
			s.log.show(func(v *live) {
				v.without(s)
				v.end()
			})
		}
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
