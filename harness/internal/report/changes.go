package report

import (
	"fmt"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// changes are what a reader wants to know first.
type changes struct {
	Flips     []*flip  // those that fail a run before the others
	Drifts    []*drift // claims that came out other than expected
	Unsettled []*row   // claims of which some version has no answer
	Turns     []*row   // claims of which an answer turned round while it was looked for
}

// drift is a claim that came out other than expected, and on which versions.
type drift struct {
	Row   *row
	Cells []*entry
}

// flip is a claim with a point that was seen one way, and the other way later: in the run before and in this one, or on
// one version and on the next that saw it.
type flip struct {
	Row          *row
	Older, Newer *entry
	Turn         evidence.Turn
	Points       []flipped
	// Runs is true between two runs. Older is then only what the newer record keeps of the run before: it has no panel.
	Runs bool
}

// Fails says whether the flip was not foreseen.
func (f *flip) Fails() bool { return f.Turn != evidence.Foreseen }

// String is the flip in a line.
func (f *flip) String() string {
	return fmt.Sprintf("%s: %s on %s → %s on %s, %s", f.Row.ID, f.Older.Claim.Verdict, f.Older.Column.Label, f.Newer.Claim.Verdict, f.Newer.Column.Label, f.Turn)
}

// flipped is one point and the evidence of both sides.
type flipped struct {
	Older, Newer evidence.Point
}

// Before and After are the looks that tell most.
func (f flipped) Before() evidence.Evidence { return decisive(f.Older) }

// After is Before on the newer side.
func (f flipped) After() evidence.Evidence { return decisive(f.Newer) }

// Open are the cells of the row that have no answer, though the claim was run.
func (r *row) Open() []*entry {
	return slices.DeleteFunc(slices.Clone(r.Cells), func(c *entry) bool {
		return c.Claim == nil || known(c.Claim.Verdict) != claim.Inconclusive
	})
}

// Turned are the cells of the row in which an answer turned round while it was looked for.
func (r *row) Turned() []*entry {
	return slices.DeleteFunc(slices.Clone(r.Cells), func(c *entry) bool { return c.Claim == nil || !c.Claim.Turned() })
}

// decisive is the last look that says what the point was observed to be.
func decisive(p evidence.Point) evidence.Evidence {
	for _, e := range slices.Backward(p.Evidence) {
		if e.Truth == p.Observed && !e.Supporting {
			return e
		}
	}
	return evidence.Evidence{}
}

// changed finds the flips between runs and between versions, the drifts, and the claims without an answer.
func changed(groups []*group) changes {
	var all changes
	for _, g := range groups {
		for _, r := range g.Rows {
			var drifted []*entry
			for _, c := range r.Cells {
				if c.Claim != nil && c.Claim.Drift {
					drifted = append(drifted, c)
				}
			}
			if len(drifted) > 0 {
				all.Drifts = append(all.Drifts, &drift{r, drifted})
			}
			if len(r.Open()) > 0 {
				all.Unsettled = append(all.Unsettled, r)
			}
			if len(r.Turned()) > 0 {
				all.Turns = append(all.Turns, r)
			}
			all.Flips = append(all.Flips, flipsOf(r)...)
		}
	}
	slices.SortStableFunc(all.Flips, func(a, b *flip) int { return a.rank() - b.rank() })
	return all
}

// rank puts flips away from what is expected first and foreseen ones last, and of a kind those between runs first.
func (f *flip) rank() int {
	rank := 2 * slices.Index([]evidence.Turn{evidence.Away, evidence.Back, evidence.Foreseen}, f.Turn)
	if !f.Runs {
		rank++
	}
	return rank
}

// flipsOf are the flips of one claim, each listed once: between two versions when both are there, else between two runs.
func flipsOf(r *row) []*flip {
	flips := betweenVersions(r)
	for _, c := range r.Cells {
		if c.Claim == nil || c.Claim.Flip == nil {
			continue
		}
		listed := slices.ContainsFunc(flips, func(f *flip) bool { return f.Newer == c && f.Older.Column.Version == c.Claim.Flip.Version })
		if !listed {
			flips = append(flips, betweenRuns(r, c))
		}
	}
	return flips
}

// betweenRuns is the flip that a record itself holds.
func betweenRuns(r *row, newer *entry) *flip {
	then := newer.Claim.Flip
	label := then.Version + " before"
	if !then.Started.IsZero() {
		label = then.Version + " of " + then.Started.UTC().Format("2 Jan 2006, 15:04")
	}
	f := &flip{Row: r, Newer: newer, Turn: then.Turn, Runs: true, Older: &entry{
		Column: &column{N: newer.Column.N, Label: label, Record: &evidence.Record{Version: then.Version}},
		Claim:  &evidence.Claim{ID: r.ID, Quote: r.Quote, At: r.At, Verdict: then.Verdict, Expected: then.Expected, Points: then.Points, Started: then.Started},
	}}
	for _, before := range then.Points {
		for _, now := range newer.Claim.Points {
			if now.Says == before.Says {
				f.Points = append(f.Points, flipped{before, now})
			}
		}
	}
	return f
}

// betweenVersions compares each version with the nearest older one on the same kind of cluster that saw the point.
func betweenVersions(r *row) []*flip {
	var flips []*flip
	for i, newer := range r.Cells {
		if newer.Claim == nil || !newer.Claim.Trusted() {
			continue
		}
		byOlder := map[*entry]*flip{}
		for _, now := range newer.Claim.Points {
			older, before := lastSeen(r.Cells[i+1:], newer.Column, now)
			if older == nil || before.Observed == now.Observed {
				continue
			}
			f := byOlder[older]
			if f == nil {
				f = &flip{Row: r, Older: older, Newer: newer, Turn: evidence.Foreseen}
				byOlder[older], flips = f, append(flips, f)
			}
			f.Turn = f.Turn.Worse(evidence.TurnOf(before, now))
			f.Points = append(f.Points, flipped{before, now})
		}
	}
	return flips
}

// lastSeen is the newest of the older cells of a cluster like this one's in which the point was observed; nil when there
// is none, or when it was not observed now.
func lastSeen(older []*entry, on *column, now evidence.Point) (*entry, evidence.Point) {
	if now.Observed == claim.Nothing {
		return nil, evidence.Point{}
	}
	for _, c := range older {
		if c.Claim == nil || !c.Claim.Trusted() || c.Column.adopted() != on.adopted() {
			continue
		}
		for _, p := range c.Claim.Points {
			if p.Says == now.Says && p.Observed != claim.Nothing {
				return c, p
			}
		}
	}
	return nil, evidence.Point{}
}
