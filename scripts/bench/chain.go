//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// link is a step or a claim of the chain that determines how long a run takes.
type link struct {
	What string `json:"what"`
	// At is when it began, in seconds since the chain did, and Seconds how long it took.
	At      float64 `json:"at"`
	Seconds float64 `json:"seconds"`
	// Waited is the longest wait in it; empty if it did not wait for anything in particular.
	Waited string `json:"waited,omitempty"`
}

// span is a step or a claim with its times.
type span struct {
	what     string
	from, to time.Time
	waited   string
}

// slack is how much later something may begin than that on which it waited ends.
const slack = 2 * time.Second

// chain returns, from the first on, what followed on one another until the end of a run: before each link the one that ended last before
// it began.
func chain(record *evidence.Record) []link {
	all := spans(record)
	if len(all) == 0 {
		return nil
	}
	last := slices.MaxFunc(all, func(a, b span) int { return a.to.Compare(b.to) })
	path := []span{last}
	for {
		before := slices.DeleteFunc(slices.Clone(all), func(s span) bool { return s.to.After(path[0].from.Add(slack)) || !s.from.Before(path[0].from) })
		if len(before) == 0 {
			break
		}
		path = slices.Insert(path, 0, slices.MaxFunc(before, func(a, b span) int { return a.to.Compare(b.to) }))
	}
	var links []link
	for _, s := range path {
		links = append(links, link{What: s.what, At: s.from.Sub(path[0].from).Seconds(), Seconds: s.to.Sub(s.from).Seconds(), Waited: s.waited})
	}
	return links
}

// spans returns the steps and the claims of a run.
func spans(record *evidence.Record) []span {
	var all []span
	for _, step := range record.Steps {
		all = append(all, span{what: step.What, from: step.At, to: endOf(step.At, step.Seconds)})
	}
	for _, c := range record.Claims {
		if !c.Started.IsZero() {
			all = append(all, span{what: c.ID, from: c.Started, to: endOf(c.Started, c.Seconds), waited: longestWait(c)})
		}
	}
	return all
}

// longestWait returns what a claim waited for longest.
func longestWait(c *evidence.Claim) string {
	var longest evidence.Evidence
	looks := func(all []evidence.Evidence) {
		for _, e := range all {
			if e.Seconds > longest.Seconds {
				longest = e
			}
		}
	}
	for _, p := range c.Points {
		looks(p.Evidence)
	}
	for _, control := range c.Control {
		looks(control.Evidence)
	}
	if longest.Seconds == 0 || c.Verdict == claim.NotRun {
		return ""
	}
	what, _, _ := strings.Cut(longest.Looked, "\n")
	return fmt.Sprintf("%s (%.1f s)", what, longest.Seconds)
}
