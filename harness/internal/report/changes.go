package report

import (
	"fmt"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// changes are the results that reports show first.
type changes struct {
	Flips     []*flip  // those that fail a run before the others
	Drifts    []*drift // claims that came out other than expected
	Unsettled []*row   // claims without an answer on some version
	Turns     []*row   // claims with an answer that turned round during its looks
}

// drift is a claim that came out other than expected, with the versions on which it did.
type drift struct {
	Row   *row
	Cells []*entry
}

// flip is a claim with a point that was observed one way and later the other way: in the previous run and in this one, on one
// version and on the next version that observed it, or on our own configuration and on a variant of the same version.
type flip struct {
	Row          *row
	Older, Newer *entry
	Turn         evidence.Turn
	Points       []flipped
	// Runs is true for a flip between two runs. Older then comes from the newer record and has no panel.
	Runs bool
}

// Fails reports whether the flip was not foreseen.
func (f *flip) Fails() bool { return f.Turn != evidence.Foreseen }

// Variants reports whether the flip is one between our own configuration and a variant of the same version.
func (f *flip) Variants() bool { return !f.Runs && f.Older.Column.Variant != f.Newer.Column.Variant }

// String returns the flip in one line.
func (f *flip) String() string {
	return fmt.Sprintf("%s: %s on %s → %s on %s, %s", f.Row.ID, f.Older.Claim.Verdict, f.Older.Column.Label, f.Newer.Claim.Verdict, f.Newer.Column.Label, f.Turn)
}

// flipped is one point of a flip, with the evidence of both sides.
type flipped struct {
	Older, Newer evidence.Point
}

// Before returns the decisive look of the older side.
func (f flipped) Before() evidence.Evidence { return decisive(f.Older) }

// After returns the decisive look of the newer side.
func (f flipped) After() evidence.Evidence { return decisive(f.Newer) }

// Open returns the cells of the row whose claim was run and has no answer.
func (r *row) Open() []*entry {
	return slices.DeleteFunc(slices.Clone(r.Cells), func(c *entry) bool {
		return c.Claim == nil || known(c.Claim.Verdict) != claim.Inconclusive
	})
}

// Turned returns the cells of the row with an answer that turned round during its looks.
func (r *row) Turned() []*entry {
	return slices.DeleteFunc(slices.Clone(r.Cells), func(c *entry) bool { return c.Claim == nil || !c.Claim.Turned() })
}

// decisive returns the last look that shows what was observed of the point.
func decisive(p evidence.Point) evidence.Evidence {
	for _, e := range slices.Backward(p.Evidence) {
		if e.Truth == p.Observed && !e.Supporting {
			return e
		}
	}
	return evidence.Evidence{}
}

// changed finds the flips between runs, versions and variants, the drifts, the claims without an answer, and the answers that
// turned round.
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

// rank orders flips away from what is expected first and foreseen ones last, and within each kind those between runs first.
func (f *flip) rank() int {
	rank := 2 * slices.Index([]evidence.Turn{evidence.Away, evidence.Back, evidence.Foreseen}, f.Turn)
	if !f.Runs {
		rank++
	}
	return rank
}

// flipsOf returns the flips of one claim. A flip between two runs is omitted if the records contain it as one between versions.
func flipsOf(r *row) []*flip {
	flips := append(betweenVersions(r), betweenVariants(r)...)
	for _, c := range r.Cells {
		if c.Claim == nil || c.Claim.Flip == nil {
			continue
		}
		listed := slices.ContainsFunc(flips, func(f *flip) bool { return f.Newer == c && f.Older.Column.Target() == c.Claim.Flip.Version })
		if !listed {
			flips = append(flips, betweenRuns(r, c))
		}
	}
	return flips
}

// betweenRuns returns the flip that the record itself contains.
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

// betweenVersions compares each version with the next older one on the same kind of cluster that observed the point.
func betweenVersions(r *row) []*flip {
	var flips []*flip
	for i, newer := range r.Cells {
		alike := slices.DeleteFunc(slices.Clone(r.Cells[i+1:]), func(older *entry) bool {
			return older.Column.cluster() != newer.Column.cluster()
		})
		flips = append(flips, compare(r, newer, alike)...)
	}
	return flips
}

// betweenVariants compares each variant with our own configuration of the same version.
func betweenVariants(r *row) []*flip {
	var flips []*flip
	for _, variant := range r.Cells {
		if variant.Column.Variant == "" {
			continue
		}
		plain := slices.DeleteFunc(slices.Clone(r.Cells), func(other *entry) bool {
			return !other.Column.plain() || other.Column.Kubernetes() != variant.Column.Kubernetes()
		})
		flips = append(flips, compare(r, variant, plain)...)
	}
	return flips
}

// compare returns the flips of the points of newer since the first of the older cells that observed them.
func compare(r *row, newer *entry, older []*entry) []*flip {
	if newer.Claim == nil || !newer.Claim.Trusted() {
		return nil
	}
	var flips []*flip
	byOlder := map[*entry]*flip{}
	for _, now := range newer.Claim.Points {
		last, before := lastSeen(older, now)
		if last == nil || before.Observed == now.Observed {
			continue
		}
		f := byOlder[last]
		if f == nil {
			f = &flip{Row: r, Older: last, Newer: newer, Turn: evidence.Foreseen}
			byOlder[last], flips = f, append(flips, f)
		}
		f.Turn = f.Turn.Worse(evidence.TurnOf(before, now))
		f.Points = append(f.Points, flipped{before, now})
	}
	return flips
}

// lastSeen returns the first of the cells in which the point was observed; nil if there is none, or if the point is not observed
// now.
func lastSeen(cells []*entry, now evidence.Point) (*entry, evidence.Point) {
	if now.Observed == claim.Nothing {
		return nil, evidence.Point{}
	}
	for _, c := range cells {
		if c.Claim == nil || !c.Claim.Trusted() {
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
