package breaks

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// recorded is a disturbance that records when it was applied and undone, relative to the start of the test.
type recorded struct {
	began           time.Time
	applied, undone []time.Duration
	applyFails      error
	undoFails       []error // of the first calls of undo
}

func (r *recorded) disturbance() Disturbance {
	r.began = time.Now()
	return Disturbance{Name: "recorded", Does: "is recorded", Apply: func(ctx context.Context, _ Cluster) (func(context.Context) error, error) {
		r.applied = append(r.applied, time.Since(r.began))
		if r.applyFails != nil {
			return nil, r.applyFails
		}
		return func(ctx context.Context) error {
			r.undone = append(r.undone, time.Since(r.began))
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(r.undoFails) > 0 {
				err := r.undoFails[0]
				r.undoFails = r.undoFails[1:]
				return err
			}
			return nil
		}, nil
	}}
}

func TestLater(t *testing.T) {
	broken := errors.New("broken")
	const after, lasts, second = 10 * time.Second, 5 * time.Second, time.Second
	for _, c := range []struct {
		name            string
		of              recorded
		cancelAt        time.Duration // of the context of Apply; 0 is never
		undoAt          time.Duration
		applied, undone []time.Duration
		fails           error
	}{
		{name: "begins and ends by itself", undoAt: 60 * second, applied: []time.Duration{after}, undone: []time.Duration{after + lasts}},
		{name: "is undone early", undoAt: 12 * second, applied: []time.Duration{after}, undone: []time.Duration{12 * second}},
		{name: "is undone before it began", undoAt: 3 * second, fails: ErrNotBegun},
		{name: "is cancelled before it began", cancelAt: second, undoAt: 3 * second, fails: ErrNotBegun},
		{name: "is cancelled while it lasts", cancelAt: 11 * second, undoAt: 60 * second, applied: []time.Duration{after}, undone: []time.Duration{11 * second}},
		{name: "cannot be applied", of: recorded{applyFails: broken}, undoAt: 60 * second, applied: []time.Duration{after}, fails: broken},
		{
			name: "is undone again when that failed", of: recorded{undoFails: []error{broken}}, undoAt: 60 * second,
			applied: []time.Duration{after}, undone: []time.Duration{after + lasts, 60 * second},
		},
		{
			name: "cannot be undone", of: recorded{undoFails: []error{broken, broken}}, undoAt: 60 * second,
			applied: []time.Duration{after}, undone: []time.Duration{after + lasts, 60 * second}, fails: broken,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.cancelAt > 0 {
					defer time.AfterFunc(c.cancelAt, cancel).Stop()
				}
				undo, err := Later(after, lasts, c.of.disturbance()).Apply(ctx, nil)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(time.Since(c.of.began)).To(BeZero(), "Apply returns at once")

				elapse(t.Context(), c.undoAt)
				err = undo(t.Context())
				if c.fails == nil {
					g.Expect(err).NotTo(HaveOccurred())
					g.Expect(undo(t.Context())).To(Succeed(), "undoing again does nothing")
				} else {
					g.Expect(err).To(MatchError(c.fails))
				}
				g.Expect(c.of.applied).To(Equal(c.applied))
				g.Expect(c.of.undone).To(Equal(c.undone))
			})
		})
	}
}

func TestDescriptionOfLater(t *testing.T) {
	d := Later(5*time.Second, time.Minute, (&recorded{}).disturbance())
	NewWithT(t).Expect(d.Name).To(Equal("recorded-later"))
	NewWithT(t).Expect(d.Does).To(Equal("after 5s and for 1m0s: is recorded"))
}
