package progress

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// redrawInterval is the interval at which the last line of a terminal is redrawn.
const redrawInterval = 200 * time.Millisecond

// barWidth is the width of the bar in columns. statsWidth is the width of the text that the bar of a Watch adds: the
// percentage, the counts, and the elapsed and remaining time. percentWidth is that of the percentage alone.
const barWidth, statsWidth, percentWidth = 20, 40, 12

// live is the last line of a terminal, which shows the current activity: during a Watch or a Job a bar with an estimate, else the
// step that began first. The Log's lock must be held for all its methods.
type live struct {
	out     *os.File
	steps   []*Step
	total   int                  // of the watched things; 0 without a Watch
	ask     func() (int, string) // returns how many of them are done, and which are running
	done    int
	running string
	bar     *progressbar.ProgressBar // nil while nothing is shown, and when its kind changes
	stop    chan struct{}            // ends the redrawing; nil while nothing is being done
}

// newLive returns nil unless out is a terminal that can clear a line.
func newLive(out any) *live {
	if file, ok := out.(*os.File); ok && isTerminal(file) {
		return &live{out: file}
	}
	return nil
}

// isTerminal returns whether a file is a terminal that understands escape sequences.
func isTerminal(file *os.File) bool {
	return term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// Colours returns whether text that is written to out may have colours: out is a terminal, and NO_COLOR is not set (no-color.org).
func Colours(out any) bool {
	file, ok := out.(*os.File)
	return ok && isTerminal(file) && os.Getenv("NO_COLOR") == ""
}

// begin starts redrawing the line by tick, if that has not begun.
func (v *live) begin(tick func()) {
	if v.stop != nil {
		return
	}
	stop := make(chan struct{})
	v.stop = stop
	go func() {
		ticker := time.NewTicker(redrawInterval)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				tick()
			}
		}
	}()
}

// end stops redrawing if nothing is being done.
func (v *live) end() {
	if len(v.steps) == 0 && v.total == 0 && v.stop != nil {
		close(v.stop)
		v.stop = nil
	}
}

// clear erases the line, so that other lines can be written.
func (v *live) clear() {
	if v.bar != nil {
		_ = v.bar.Clear()
	}
}

// count starts showing how many of total things are done. A total of 0 stops that.
func (v *live) count(total int, ask func() (int, string)) {
	v.reset()
	v.total, v.ask, v.done, v.running = total, ask, 0, ""
}

// remove stops showing a step. The bar of a job stays, because a new one would begin at 0 %.
func (v *live) remove(step *Step, job *Job) {
	v.steps = slices.DeleteFunc(v.steps, func(s *Step) bool { return s == step })
	switch {
	case v.total > 0:
	case job != nil:
		v.clear()
	default:
		v.reset()
	}
}

// reset erases the line, which is then drawn with a new bar.
func (v *live) reset() {
	v.clear()
	v.bar = nil
}

// draw writes the line. job is nil without one.
func (v *live) draw(job *Job) {
	if v.stop == nil {
		return
	}
	width, _, err := term.GetSize(int(v.out.Fd()))
	if err != nil || width < 1 {
		width = 80
	}
	switch now := time.Now(); {
	case v.total > 0:
		if v.bar == nil {
			v.bar = v.newBar(v.total, progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true))
		}
		v.bar.Describe(runewidth.Truncate(v.running, max(width-barWidth-statsWidth, 0), "…"))
		_ = v.bar.Set(v.done)
	case len(v.steps) == 0:
	case job != nil:
		if v.bar == nil {
			v.bar = v.newBar(100, progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false))
		}
		share, _ := job.estimate(now)
		v.bar.Describe(runewidth.Truncate(job.remaining(now)+": "+v.activity(now), max(width-barWidth-percentWidth, 0), "…"))
		_ = v.bar.Set(int(100 * share))
	default:
		if v.bar == nil {
			v.bar = v.newBar(-1, progressbar.OptionSetElapsedTime(false), progressbar.OptionSpinnerType(14))
		}
		v.bar.Describe(runewidth.Truncate(v.activity(now), max(width-4, 0), "…"))
		_ = v.bar.RenderBlank()
	}
}

// activity describes the step that began first.
func (v *live) activity(now time.Time) string {
	first := v.steps[0]
	text := fmt.Sprintf("%s (for %s)", first.what, now.Sub(first.start).Round(time.Second))
	if more := len(v.steps) - 1; more > 0 {
		text = fmt.Sprintf("%s, and %d more", text, more)
	}
	return text
}

// newBar returns a bar that is rendered only on request.
func (v *live) newBar(total int, more ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(v.out), progressbar.OptionUseANSICodes(true), progressbar.OptionSetWidth(barWidth),
		progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionThrottle(0),
	}, more...)...)
}
