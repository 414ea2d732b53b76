package breaks

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrNotBegun is returned if a delayed disturbance is undone before it began. The cluster was not disturbed then.
var ErrNotBegun = errors.New("the disturbance had not begun")

// Later delays a disturbance. Its Apply returns at once. The disturbance begins after the first duration, lasts for the second
// one, counted from when it is observed, and is then undone. undo, or the end of Apply's context, ends it early. undo waits until
// it is undone and returns the error, which is ErrNotBegun if the disturbance had not begun.
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
	done chan struct{} // closed when run has ended; err is its error
	err  error

	mu        sync.Mutex
	remaining func(context.Context) error // undoes what run could not undo; nil if nothing remains
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

// undo ends the disturbance if it has not ended, and waits until it is undone. If that failed, undo tries again.
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

// elapse waits for a duration, and returns whether it has passed before ctx ended.
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
