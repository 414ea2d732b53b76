package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/noteproof/noteproof/harness/evidence"
)

// run is the timeline and environment of one record.
type run struct {
	*column
	Seconds float64 // from the start of the record to its end
	Sum     float64 // of the seconds of all claims
	Peak    int     // the maximum number of claims that ran at once
	Bars    []*bar  // the claims that ran, in the order of their starts
	Steps   []doing // what the run did besides the claims, in the order of their starts
	Ticks   []tick
	Brief   bool // without the timeline, and with what differs from the first run of the page
	First   *run
}

// bar is one claim in the timeline.
type bar struct {
	*evidence.Claim
	Topic    int
	Panel    string
	Evidence string  // the ID of its evidence in the panel
	At       float64 // seconds since the run began
	Span     span
	Looks    []span // at the cluster
	Parallel int    // the number of other claims that ran at some time during it
}

// doing is a step of the run in the timeline.
type doing struct {
	evidence.Step
	At   float64 // seconds since the run began
	Span span
}

// span is a part of the timeline, in per cent.
type span struct{ From, Wide string }

type tick struct{ Label, X string }

func newRun(c *column) *run {
	r := &run{column: c}
	begin, end := c.Started, c.Finished
	var ran []*evidence.Claim
	for _, one := range c.Claims {
		if one.Started.IsZero() {
			continue
		}
		ran = append(ran, one)
		r.Sum += one.Seconds
		if begin.IsZero() || one.Started.Before(begin) {
			begin = one.Started
		}
		if stop := ended(one); stop.After(end) {
			end = stop
		}
	}
	steps := slices.SortedStableFunc(slices.Values(c.Steps), func(a, b evidence.Step) int { return a.At.Compare(b.At) })
	for _, step := range steps {
		if begin.IsZero() || step.At.Before(begin) {
			begin = step.At
		}
	}
	if r.Seconds = end.Sub(begin).Seconds(); r.Seconds <= 0 {
		r.Seconds = 0
		return r
	}
	slices.SortStableFunc(ran, func(a, b *evidence.Claim) int { return a.Started.Compare(b.Started) })
	for _, one := range ran {
		b := &bar{Claim: one, At: one.Started.Sub(begin).Seconds()}
		b.Span = r.span(b.At, one.Seconds)
		for _, l := range merged(looksOf(one)) {
			b.Looks = append(b.Looks, r.span(l.from.Sub(begin).Seconds(), l.to.Sub(l.from).Seconds()))
		}
		atStart := 1
		for _, other := range ran {
			if other == one || !other.Started.Before(ended(one)) || !one.Started.Before(ended(other)) {
				continue
			}
			b.Parallel++
			if !other.Started.After(one.Started) {
				atStart++
			}
		}
		r.Peak = max(r.Peak, atStart)
		r.Bars = append(r.Bars, b)
	}
	for _, step := range steps {
		at := step.At.Sub(begin).Seconds()
		r.Steps = append(r.Steps, doing{step, at, r.span(at, step.Seconds)})
	}
	r.Ticks = r.ticks()
	return r
}

// open sets the panel and the topic of each bar.
func (r *run) open(groups []*group) {
	for _, g := range groups {
		for _, row := range g.Rows {
			for _, b := range r.Bars {
				if c := row.Cells[r.N]; c.Claim == b.Claim {
					b.Panel, b.Evidence, b.Topic = c.Panel, c.ID, g.N
				}
			}
		}
	}
}

// Facts returns the observed properties of the environment.
func (r *run) Facts() []fact {
	all := facts(r.Environment)
	if !r.Brief {
		return all
	}
	first := facts(r.First.Environment)
	return slices.DeleteFunc(all, func(f fact) bool { return slices.Contains(first, f) })
}

// Adapted returns what was done differently because of the machine.
func (r *run) Adapted() []evidence.Adaptation {
	if r.Brief && slices.Equal(r.Environment.Adaptations, r.First.Environment.Adaptations) {
		return nil
	}
	return r.Environment.Adaptations
}

// Longest returns the claims that took longest, at most three.
func (r *run) Longest() []*bar {
	longest := slices.Clone(r.Bars)
	slices.SortStableFunc(longest, func(a, b *bar) int { return cmp.Compare(b.Seconds, a.Seconds) })
	return longest[:min(3, len(longest))]
}

func ended(c *evidence.Claim) time.Time {
	return c.Started.Add(time.Duration(c.Seconds * float64(time.Second)))
}

func looksOf(c *evidence.Claim) []evidence.Evidence {
	var all []evidence.Evidence
	for _, p := range c.Points {
		all = append(all, p.Evidence...)
	}
	for _, k := range c.Control {
		all = append(all, k.Evidence...)
	}
	return slices.DeleteFunc(all, func(e evidence.Evidence) bool { return e.At.IsZero() })
}

// stay is a time during which a claim was looked at.
type stay struct{ from, to time.Time }

// merged returns the times of looks, in order. Looks between which the timeline would have no gap are one.
func merged(looks []evidence.Evidence) []stay {
	var stays []stay
	slices.SortStableFunc(looks, func(a, b evidence.Evidence) int { return a.At.Compare(b.At) })
	for _, e := range looks {
		to := e.At.Add(time.Duration(e.Seconds * float64(time.Second)))
		if last := len(stays) - 1; last >= 0 && e.At.Before(stays[last].to.Add(time.Second)) {
			if to.After(stays[last].to) {
				stays[last].to = to
			}
			continue
		}
		stays = append(stays, stay{e.At, to})
	}
	return stays
}

// span converts seconds of the run to per cent of its length. The result is wide enough to be visible and within the timeline.
func (r *run) span(at, seconds float64) span {
	from := min(max(at/r.Seconds*100, 0), 99.6)
	wide := min(max(seconds/r.Seconds*100, 0.4), 100-from)
	return span{fmt.Sprintf("%.2f", from), fmt.Sprintf("%.2f", wide)}
}

// ticks returns at most six round times.
func (r *run) ticks() []tick {
	step := 1.0
	for _, s := range []float64{5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400} {
		if r.Seconds/step <= 6 {
			break
		}
		step = s
	}
	var ticks []tick
	for at := 0.0; at < r.Seconds*0.97; at += step {
		ticks = append(ticks, tick{minute(at), fmt.Sprintf("%.2f", at/r.Seconds*100)})
	}
	return ticks
}

// minute formats a time since the run began: "0:30", "12:00".
func minute(seconds float64) string {
	s := int(seconds)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
