package verdict

import (
	"fmt"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// Side says how one of the two answers of a watch is reached.
type Side int

// The sides. Once is the zero value.
const (
	Once    Side = iota // one look that shows the answer is enough
	Lasting             // every look in the whole window must show the answer
)

// Rules define what decides a watch.
type Rules struct {
	Yes, No Side
	// Single is set if there is only one look.
	Single bool
	// MinLooks is the minimum number of looks for a lasting answer.
	MinLooks int
	// MaxGap limits the time between two looks for a lasting answer, and between an end of the window and a look.
	MaxGap time.Duration
}

// Look is one look: when it was made, what was seen, and which of the two answers that shows. If Err is set, the look failed and
// only Start and End are valid.
type Look struct {
	Start, End time.Time
	Saw        string
	Yes, No    bool
	Err        error
}

// Watch collects the looks at one thing until they decide between true and false.
type Watch struct {
	rules   Rules
	start   time.Time
	last    time.Time // the end of the last look that succeeded
	looks   evidence.Looks
	valid   int // the number of looks that succeeded
	decided claim.Observed
	lastErr error // of the last look; nil if it succeeded
	lastSaw string
}

// NewWatch returns a watch that begins at start.
func NewWatch(rules Rules, start time.Time) *Watch {
	return &Watch{rules: rules, start: start, last: start, looks: evidence.Looks{From: start.UTC()}}
}

// Add adds a look and reports whether the watch is decided, so that no further look is needed.
func (w *Watch) Add(look Look) (decided bool) {
	w.looks.Count++
	w.looks.To = look.End.UTC()
	w.lastErr = look.Err
	if look.Err != nil {
		w.looks.Failed++
		if w.looks.Failure == "" {
			w.looks.Failure = look.Err.Error()
		}
		return false
	}
	w.recordGap(look.End)
	w.last = look.End
	w.valid++
	w.lastSaw = look.Saw
	switch sight := (evidence.Sight{At: look.End.UTC(), Saw: look.Saw}); {
	case look.Yes:
		w.looks.True = w.looks.True.With(sight)
		if w.rules.Yes == Once {
			w.decided = claim.SawTrue
		}
	case look.No:
		w.looks.False = w.looks.False.With(sight)
		if w.rules.No == Once {
			w.decided = claim.SawFalse
		}
	default:
		w.looks.Neither = w.looks.Neither.With(sight)
	}
	return w.decided != claim.Nothing
}

// recordGap updates the largest gap with the time since the last successful look.
func (w *Watch) recordGap(until time.Time) {
	w.looks.LargestGap = max(w.looks.LargestGap, until.Sub(w.last).Seconds())
}

// Complete reports whether enough looks succeeded for a lasting answer, the last one among them.
func (w *Watch) Complete() bool { return w.valid >= w.rules.MinLooks && w.lastErr == nil }

// Conclusion is the result of a watch.
type Conclusion struct {
	Truth claim.Observed
	// Why says why nothing was observed; "" if an answer was.
	Why   string
	Saw   string
	Looks evidence.Looks
}

// Conclude ends the watch at end and returns its result.
func (w *Watch) Conclude(end time.Time) Conclusion {
	c := Conclusion{Truth: w.decided, Saw: w.lastSaw}
	if c.Truth == claim.Nothing && !w.rules.Single {
		w.recordGap(end)
		c.Truth = w.lasted()
	}
	if c.Truth == claim.Nothing {
		c.Why = w.why(end)
	}
	if w.looks.To.IsZero() {
		w.looks.To = end.UTC()
	}
	c.Looks = w.looks
	return c
}

// lasted returns the lasting answer that every look of the window showed, if there were enough looks without a large gap, and
// the last one succeeded: what was seen at first need not have lasted.
func (w *Watch) lasted() claim.Observed {
	switch {
	case w.sparse() != "":
		return claim.Nothing
	case w.rules.Yes == Lasting && w.looks.True.Times() == w.valid:
		return claim.SawTrue
	case w.rules.No == Lasting && w.looks.False.Times() == w.valid:
		return claim.SawFalse
	default:
		return claim.Nothing
	}
}

// sparse returns why the looks do not suffice to show that something lasted; "" if they do.
func (w *Watch) sparse() string {
	switch {
	case w.valid == 0 || w.valid < w.rules.MinLooks:
		return fmt.Sprintf("%d of %d looks succeeded, and at least %d are needed", w.valid, w.looks.Count, max(w.rules.MinLooks, 1))
	case w.lastErr != nil:
		return fmt.Sprintf("the last look failed: %v", w.lastErr)
	case w.looks.LargestGap > w.rules.MaxGap.Seconds():
		return fmt.Sprintf("for %.1f s no look succeeded, and at most %s are allowed", w.looks.LargestGap, w.rules.MaxGap)
	default:
		return ""
	}
}

// why returns why the watch shows neither answer.
func (w *Watch) why(end time.Time) string {
	within := fmt.Sprintf("within %.1f s", end.Sub(w.start).Seconds())
	switch {
	case w.looks.Count == 0:
		return "no look was made " + within
	case w.valid == 0:
		return fmt.Sprintf("no look succeeded %s: %v", within, w.lastErr)
	case w.lastErr != nil:
		return fmt.Sprintf("neither answer was seen %s, and the last look failed: %v", within, w.lastErr)
	case w.rules.Single:
		return "neither answer was seen: " + w.lastSaw
	case (w.rules.Yes == Lasting || w.rules.No == Lasting) && w.sparse() != "":
		return fmt.Sprintf("the window of %.1f s does not count: %s", end.Sub(w.start).Seconds(), w.sparse())
	default:
		return fmt.Sprintf("neither answer was seen %s; last seen: %s", within, w.lastSaw)
	}
}
