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
	Once    Side = iota // a single look that shows it decides
	Lasting             // each look of the whole window must show it
)

// Rules say what decides a watch.
type Rules struct {
	Yes, No Side
	// Single is set when one look is all there is.
	Single bool
	// MinLooks is how many looks a lasting answer needs at least.
	MinLooks int
	// MaxGap is the longest time between two looks of a lasting answer, and between its window's ends and a look.
	MaxGap time.Duration
}

// Look is one look: when it was made, what was seen, and which of the two answers that shows. Err says that it could not
// be had; nothing else counts then.
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
	last    time.Time // the end of the last look that could be had
	looks   evidence.Looks
	valid   int
	decided claim.Observed
	lastErr error // of the last look; nil when it could be had
	lastSaw string
}

// NewWatch begins a watch at this time.
func NewWatch(rules Rules, start time.Time) *Watch {
	return &Watch{rules: rules, start: start, last: start, looks: evidence.Looks{From: start.UTC()}}
}

// Add takes a look into account and returns whether the watch is decided, so that no further look is needed.
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
	w.gap(look.End)
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

func (w *Watch) gap(until time.Time) {
	w.looks.LargestGap = max(w.looks.LargestGap, until.Sub(w.last).Seconds())
}

// Complete says whether there have been enough looks for a lasting answer.
func (w *Watch) Complete() bool { return w.valid >= w.rules.MinLooks }

// Conclusion is what a watch came to.
type Conclusion struct {
	Truth claim.Observed
	// Why says why nothing was observed; empty when something was.
	Why   string
	Saw   string
	Looks evidence.Looks
}

// Conclude ends the watch at this time.
func (w *Watch) Conclude(end time.Time) Conclusion {
	c := Conclusion{Truth: w.decided, Saw: w.lastSaw}
	if c.Truth == claim.Nothing && !w.rules.Single {
		w.gap(end)
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

// lasted is the answer that each look of the window showed, if the window is dense enough to count.
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

// sparse says why the window was not watched well enough to show that something lasted; empty when it was.
func (w *Watch) sparse() string {
	switch {
	case w.valid == 0 || w.valid < w.rules.MinLooks:
		return fmt.Sprintf("%d of %d looks could be had, and at least %d are needed", w.valid, w.looks.Count, max(w.rules.MinLooks, 1))
	case w.looks.LargestGap > w.rules.MaxGap.Seconds():
		return fmt.Sprintf("for %.1f s no look could be had, and at most %s are allowed", w.looks.LargestGap, w.rules.MaxGap)
	default:
		return ""
	}
}

func (w *Watch) why(end time.Time) string {
	within := fmt.Sprintf("within %.1f s", end.Sub(w.start).Seconds())
	switch {
	case w.looks.Count == 0:
		return "no look was made " + within
	case w.valid == 0:
		return fmt.Sprintf("no look could be had %s: %v", within, w.lastErr)
	case w.lastErr != nil:
		return fmt.Sprintf("neither answer was seen %s, and the last look could not be had: %v", within, w.lastErr)
	case w.rules.Single:
		return "neither answer was seen: " + w.lastSaw
	case (w.rules.Yes == Lasting || w.rules.No == Lasting) && w.sparse() != "":
		return fmt.Sprintf("the window of %.1f s does not count: %s", end.Sub(w.start).Seconds(), w.sparse())
	default:
		return fmt.Sprintf("neither answer was seen %s; last seen: %s", within, w.lastSaw)
	}
}
