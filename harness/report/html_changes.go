package report

import (
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// drift is a claim that came out other than expected, and on which versions.
type drift struct {
	Row   *row
	Cells []*entry
}

// flip is a claim with a point that was seen one way on one version and the other way on the next that saw it.
type flip struct {
	Row          *row
	Older, Newer *entry
	Points       []flipped
}

// Expected says whether both versions came out as expected, so that the flip itself was foreseen.
func (f *flip) Expected() bool { return !f.Older.Claim.Drift && !f.Newer.Claim.Drift }

// flipped is one point and the evidence of both sides.
type flipped struct {
	Older, Newer evidence.Point
}

// Before and After are the looks that tell most.
func (f flipped) Before() evidence.Evidence { return telling(f.Older) }

// After is Before on the newer version.
func (f flipped) After() evidence.Evidence { return telling(f.Newer) }

// Open are the cells of the row that have no answer, though the claim was run.
func (r *row) Open() []*entry {
	return slices.DeleteFunc(slices.Clone(r.Cells), func(c *entry) bool {
		return c.Claim == nil || known(c.Claim.Verdict) != claim.Inconclusive
	})
}

// telling is the last look that says what the point was observed to be.
func telling(p evidence.Point) evidence.Evidence {
	for _, e := range slices.Backward(p.Evidence) {
		if e.Truth == p.Observed {
			return e
		}
	}
	return evidence.Evidence{}
}

// changes are what a reader wants to know first: the drifts, the flips between versions, and the claims of which some
// version has no answer.
func changes(groups []*group) (drifts []*drift, flips []*flip, unsettled []*row) {
	for _, g := range groups {
		for _, r := range g.Rows {
			var drifted []*entry
			for _, c := range r.Cells {
				if c.Claim == nil {
					continue
				}
				if c.Claim.Drift {
					drifted = append(drifted, c)
				}
			}
			if len(drifted) > 0 {
				drifts = append(drifts, &drift{r, drifted})
			}
			if len(r.Open()) > 0 {
				unsettled = append(unsettled, r)
			}
			flips = append(flips, flipsOf(r)...)
		}
	}
	return drifts, flips, unsettled
}

// flipsOf compares each version with the nearest older one that saw the point.
func flipsOf(r *row) []*flip {
	var flips []*flip
	for i, newer := range r.Cells {
		if newer.Claim == nil {
			continue
		}
		byOlder := map[*entry]*flip{}
		for _, now := range newer.Claim.Points {
			older, before := lastSeen(r.Cells[i+1:], now)
			if older == nil || before.Observed == now.Observed {
				continue
			}
			f := byOlder[older]
			if f == nil {
				f = &flip{Row: r, Older: older, Newer: newer}
				byOlder[older], flips = f, append(flips, f)
			}
			f.Points = append(f.Points, flipped{before, now})
		}
	}
	return flips
}

// lastSeen is the newest of the older cells in which this point was observed; nil when there is none, or when it was
// not observed now.
func lastSeen(older []*entry, now evidence.Point) (*entry, evidence.Point) {
	if now.Observed == claim.Nothing {
		return nil, evidence.Point{}
	}
	for _, c := range older {
		if c.Claim == nil {
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
