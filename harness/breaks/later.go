package breaks

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrNotBegun says that a delayed disturbance was undone before it began: what ran meanwhile was not disturbed.
var ErrNotBegun = errors.New("the disturbance had not begun")

// Later delays a disturbance. Its Apply returns at once; the disturbance begins after a while, lasts for a while, counted
// from when it was observed, and is undone by itself. Undo, or the end of the context of Apply, ends it early; undo waits
// until it is undone, and returns what went wrong. Before the disturbance began, that is ErrNotBegun.
func Later(after, lasts time.Duration, d Disturbance) Disturbance {
	return Disturbance{
		Name: d.Name + "-later",
		Does: fmt.Sprintf("after %s and for %s: %s", after, lasts, d.Does),
		Apply: func(ctx context.Context, c Cluster) (func(context.Context) error, error) {
			ctx, stop := context.WithCancel(ctx)
			l := &later{stop: stop, done: make(chan struct{})}
			go l.run(ctx, after, lasts, d, c)
			return l.undo, nil
		},
	}
}

// later is a disturbance that begins and ends by itself.
type later struct {
	stop context.CancelFunc
	done chan struct{} // closed when run has ended, and err is what it ended with
	err  error

	mu        sync.Mutex
	remaining func(context.Context) error // undoes what run could not undo; nil when nothing is left
}

func (l *later) run(ctx context.Context, after, lasts time.Duration, d Disturbance, c Cluster) {
	defer close(l.done)
	defer l.stop()
	if !elapse(ctx, after) {
		l.err = fmt.Errorf("%s: %w", d.Name, ErrNotBegun)
		return
	}
	undo, err := d.Apply(ctx, c)
	if err != nil {
		l.err = err
		return
	}
	elapse(ctx, lasts)
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoneWithin)
	defer cancel()
	if l.err = undo(cleaning); l.err != nil {
		l.remaining = undo
	}
}

// undo ends the disturbance if it lasts, and waits until it is undone. What could not be undone is tried again.
func (l *later) undo(ctx context.Context) error {
	l.stop()
	select {
	case <-l.done:
	case <-ctx.Done():
		return fmt.Errorf("wait until the disturbance is undone: %w", context.Cause(ctx))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.remaining == nil {
		return l.err
	}
	if err := l.remaining(ctx); err != nil {
		return errors.Join(l.err, err)
	}
	l.remaining, l.err = nil, nil
	return nil
}

// elapse waits for a while, and says whether that has passed before ctx ended.
func elapse(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
