// Package progress logs what is being done and for how long, while it is being done.
//
// `go test` holds back the output of a package until it is done. The log bypasses that: it goes to the standard error of the
// process that started the test binary.
//
//	progress.go  the Log, its steps and watches
//	job.go       the estimate of how long a job of several steps will take
//	live.go      the last line of a terminal, which shows the current activity
//	parent_linux.go, parent_other.go   the standard error of the parent process
package progress

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/noteproof/noteproof/harness/internal/secret"
)

// Heartbeat is the interval at which a long step logs that it is still running.
const Heartbeat = 15 * time.Second

// Log writes a line when a step begins and another one when it ends. On a terminal it writes only the second one, and shows the
// current activity on the last line. It masks secrets. Its methods may be called concurrently. A nil Log writes nothing.
type Log struct {
	mu    sync.Mutex
	out   io.Writer
	start time.Time
	live  *live           // nil if out is not a terminal
	job   *Job            // nil without one
	past  strings.Builder // the lines so far, until Keep
	file  *os.File        // nil without one
	// unkept is the first error of a write to file.
	unkept error
	ended  []Ended
}

// Ended is a step that has ended.
type Ended struct {
	What   string
	At     time.Time // when it began
	Took   time.Duration
	Failed bool
}

// Ended returns the steps that have ended, in the order in which they did.
func (l *Log) Ended() []Ended {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ended)
}

// end adds a step that has ended.
func (l *Log) end(step Ended) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = append(l.ended, step)
}

// New returns a Log that writes to out. Its times count from now on.
func New(out io.Writer) *Log { return &Log{out: out, start: time.Now(), live: newLive(out)} }

// Terminal returns the writer that bypasses `go test`: the standard error of the parent process where the system gives access
// to it (Linux), else that of this process. The caller need not close it.
func Terminal() io.Writer {
	out, err := stderrOf(os.Getppid())
	if err != nil {
		return os.Stderr
	}
	return out
}

// Say writes one line, with the time since New.
func (l *Log) Say(format string, a ...any) {
	if l == nil {
		return
	}
	l.write(fmt.Sprintf("%s %s\n", clock(time.Since(l.start)), fmt.Sprintf(format, a...)))
}

// Print writes text unchanged, for example a table.
func (l *Log) Print(text string) {
	if l == nil {
		return
	}
	l.write(text)
}

// Colours returns whether what is printed may have colours.
func (l *Log) Colours() bool { return l != nil && Colours(l.out) }

// Keep also writes all lines, those so far included, to a new file. The caller must call Unkeep.
func (l *Log) Keep(path string) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = file.WriteString(l.past.String())
		l.file = file
	}
	if err != nil {
		return fmt.Errorf("keep the log: %w", err)
	}
	return nil
}

// Unkeep closes the file of Keep. The error is also that of an earlier write to it.
func (l *Log) Unkeep() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	file := l.file
	l.file = nil
	return errors.Join(l.unkept, file.Close())
}

func (l *Log) keep(text string) {
	if l.file == nil {
		l.past.WriteString(text)
		return
	}
	if _, err := l.file.WriteString(text); err != nil && l.unkept == nil {
		l.unkept = fmt.Errorf("keep the log: %w", err)
	}
}

func (l *Log) write(text string) {
	text = secret.Mask(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep(text)
	if l.live == nil {
		fmt.Fprint(l.out, text)
		return
	}
	l.live.clear()
	fmt.Fprint(l.out, text)
	l.live.draw(l.job)
}

// show changes what the last line of the terminal shows. Without a terminal it does nothing.
func (l *Log) show(change func(*live)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live != nil {
		change(l.live)
	}
}

// redraw redraws the last line of the terminal with the current counts.
func (l *Log) redraw() {
	var ask func() (int, string)
	l.show(func(v *live) { ask = v.ask })
	done, running := 0, ""
	if ask != nil {
		done, running = ask() // without our lock, because it may wait for a lock of the caller's
	}
	l.show(func(v *live) {
		v.done, v.running = done, running
		v.draw(l.job)
	})
}

// every calls do every Heartbeat until stop is closed. On a terminal, whose last line shows the same, it does nothing.
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

// Watch reports how many of total things, such as "claims", are done and which are running, until stop is called: every
// Heartbeat, or continuously on a terminal. ask must not use the Log.
func (l *Log) Watch(total int, things string, ask func() (done int, running string)) (stop func()) {
	if l == nil {
		return func() {}
	}
	finished := make(chan struct{})
	go l.every(finished, func() {
		done, running := ask()
		if running != "" {
			running = "; running: " + running
		}
		l.Say("…  %d of %d %s done%s", done, total, things, running)
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

// Step is an activity that takes time.
type Step struct {
	log   *Log
	what  string
	start time.Time
	stop  chan struct{}
	once  sync.Once
}

// Step logs that a step begins, and every Heartbeat that it is still running, until End is called.
func (l *Log) Step(format string, a ...any) *Step {
	s := &Step{log: l, what: secret.Mask(fmt.Sprintf(format, a...)), start: time.Now(), stop: make(chan struct{})}
	if l == nil {
		return s
	}
	if l.live == nil {
		l.Say("…  %s", s.what)
	}
	go l.every(s.stop, func() { l.Say("…  %s (%s)", s.what, l.took(s)) })
	l.show(func(v *live) {
		v.steps = append(v.steps, s)
		v.begin(l.redraw)
	})
	return s
}

// took describes how long a step has been running and, during a Job, how long that will take.
func (l *Log) took(s *Step) string {
	now := time.Now()
	text := "for " + now.Sub(s.start).Round(time.Second).String()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.job != nil {
		text += "; " + l.job.remaining(now)
	}
	return text
}

// End logs that the step succeeded or, if err is not nil, that it failed, and returns err. Further calls log nothing.
func (s *Step) End(err error) error {
	s.once.Do(func() {
		close(s.stop)
		if s.log != nil {
			s.log.show(func(v *live) {
				v.remove(s, s.log.job)
				v.end()
			})
		}
		s.log.end(Ended{What: s.what, At: s.start, Took: time.Since(s.start), Failed: err != nil})
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
