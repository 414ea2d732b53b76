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

// redraw is how often the last line of a terminal is written again.
const redraw = 200 * time.Millisecond

// barWidth is how many columns the bar takes, and beside how many more the text stands that comes with it: the percentage,
// the counts, and the time that is over and left.
const barWidth, besideBar = 20, 40

// live is the last line of a terminal, which shows what is being done: a bar with an estimate while something countable is,
// else the step that began first. It is used with the Log's lock held.
type live struct {
	out     *os.File
	steps   []*Step
	total   int                  // of the countable things; 0 while there are none
	ask     func() (int, string) // how many of them are done, and what is being done
	done    int
	running string
	bar     *progressbar.ProgressBar // nil while nothing is shown, or something else is to be
	stop    chan struct{}            // ends the redrawing; nil while nothing is being done
}

// newLive is nil unless out is a terminal that can clear a line.
func newLive(out any) *live {
	file, is := out.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &live{out: file}
}

// begin shows the line, and has it written again by tick every moment, when something is being done.
func (v *live) begin(tick func()) {
	if v.stop != nil {
		return
	}
	stop := make(chan struct{})
	v.stop = stop
	go func() {
		again := time.NewTicker(redraw)
		defer again.Stop()
		for {
			select {
			case <-stop:
				return
			case <-again.C:
				tick()
			}
		}
	}()
}

// end stops that when nothing is being done any more.
func (v *live) end() {
	if len(v.steps) == 0 && v.total == 0 && v.stop != nil {
		close(v.stop)
		v.stop = nil
	}
}

// clear takes the line away, so that others can be written.
func (v *live) clear() {
	if v.bar != nil {
		_ = v.bar.Clear()
	}
}

// count shows how many of so many things are done; a total of 0 ends that.
func (v *live) count(total int, ask func() (int, string)) {
	v.clear()
	v.bar, v.total, v.ask, v.done, v.running = nil, total, ask, 0, ""
}

// without shows a step no more.
func (v *live) without(step *Step) {
	v.steps = slices.DeleteFunc(v.steps, func(s *Step) bool { return s == step })
	if v.total == 0 {
		v.clear()
		v.bar = nil
	}
}

// draw writes the line.
func (v *live) draw() {
	if v.stop == nil {
		return
	}
	width, _, err := term.GetSize(int(v.out.Fd()))
	if err != nil || width < 1 {
		width = 80
	}
	if v.total > 0 {
		if v.bar == nil {
			v.bar = v.newBar(v.total, progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true))
		}
		v.bar.Describe(runewidth.Truncate(v.running, max(width-barWidth-besideBar, 0), "…"))
		_ = v.bar.Set(v.done)
		return
	}
	if len(v.steps) == 0 {
		return
	}
	first := v.steps[0]
	text := fmt.Sprintf("%s (for %s)", first.what, time.Since(first.start).Round(time.Second))
	if more := len(v.steps) - 1; more > 0 {
		text = fmt.Sprintf("%s, and %d more", text, more)
	}
	if v.bar == nil {
		v.bar = v.newBar(-1, progressbar.OptionSetElapsedTime(false), progressbar.OptionSpinnerType(14))
	}
	v.bar.Describe(runewidth.Truncate(text, max(width-4, 0), "…"))
	_ = v.bar.RenderBlank()
}

// newBar makes a bar that is written when it is told to alone.
func (v *live) newBar(total int, more ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(v.out), progressbar.OptionUseANSICodes(true), progressbar.OptionSetWidth(barWidth),
		progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionThrottle(0),
	}, more...)...)
}
