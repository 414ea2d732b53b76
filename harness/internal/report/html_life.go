package report

import (
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// Shown returns the cell that answers the claim: the newest that settles it.
func (r *row) Shown() *entry { return answering(r) }

// Lives returns the cells that contain the claim: its life over versions and variants, the newest first.
func (r *row) Lives() []*entry {
	return slices.DeleteFunc(slices.Clone(r.Cells), func(c *entry) bool { return c.Claim == nil })
}

// trend is what the newest answer's record knows of the claim's earlier runs on the same version or cluster.
type trend struct {
	Runs        []evidence.Past // the oldest first; the last one is the run itself
	Since       time.Time       // of the first run with today's verdict, without another one in between
	Same        int             // how many runs that is
	Least, Most float64         // seconds
}

// Trend returns the claim's trend; nil if there is only one run.
func (r *row) Trend() *trend {
	shown := r.Shown()
	if shown == nil || len(shown.Claim.History) == 0 {
		return nil
	}
	c := shown.Claim
	now := evidence.Past{At: c.Started, Verdict: c.Verdict, Failed: c.Failed(), Seconds: c.Seconds}
	t := &trend{Runs: append(slices.Clone(c.History), now), Least: c.Seconds, Most: c.Seconds}
	for _, past := range slices.Backward(t.Runs) {
		if past.Verdict != c.Verdict {
			break
		}
		t.Since, t.Same = past.At, t.Same+1
	}
	for _, past := range t.Runs {
		t.Least, t.Most = min(t.Least, past.Seconds), max(t.Most, past.Seconds)
	}
	return t
}

// Height returns how high a run's bar is, from 1 to 5: the longest run has 5.
func (t *trend) Height(past evidence.Past) int {
	if t.Most <= 0 {
		return 5
	}
	return max(1, int(math.Ceil(5*past.Seconds/t.Most)))
}

// judged is one point of a claim with what was observed of it on all versions.
type judged struct {
	evidence.Point
	Spans []stretch
}

// stretch is a range of versions, or variants of a version, on which the same was observed.
type stretch struct {
	Observed claim.Observed
	Where    string // "v1.24.17 – v1.37.2", "nftables"
}

// Judged returns the points of the answer to the claim, each with its truth over the versions.
func (r *row) Judged() []judged {
	shown := r.Shown()
	if shown == nil {
		return nil
	}
	var all []judged
	for _, p := range shown.Claim.Points {
		all = append(all, judged{p, r.spans(p.Says)})
	}
	return all
}

// spans returns where each answer to a point was observed: ranges of versions with our own configuration, the newest first, and
// the other clusters whose answer differs from that of their version.
func (r *row) spans(says string) []stretch {
	var spans []stretch
	var newest, oldest string
	last := claim.Nothing
	end := func() {
		if newest != "" {
			where := newest
			if oldest != newest {
				where = oldest + " – " + newest
			}
			spans = append(spans, stretch{last, where})
		}
		newest = ""
	}
	plain := map[string]claim.Observed{}
	for _, c := range r.Lives() {
		if !c.Column.plain() {
			continue
		}
		seen := observedOf(c.Claim, says)
		plain[c.Column.Kubernetes()] = seen
		if newest != "" && seen != last {
			end()
		}
		if newest == "" {
			newest, last = c.Column.Short(), seen
		}
		oldest = c.Column.Short()
	}
	end()
	for _, c := range r.Lives() {
		if seen := observedOf(c.Claim, says); !c.Column.plain() && seen != plain[c.Column.Kubernetes()] {
			spans = append(spans, stretch{seen, c.Column.Label})
		}
	}
	return spans
}

func observedOf(c *evidence.Claim, says string) claim.Observed {
	for _, p := range c.Points {
		if p.Says == says {
			return p.Observed
		}
	}
	return claim.Nothing
}

// Short returns the minor version, or the label if it does not begin with one.
func (c *column) Short() string {
	if c.Minor() == "" {
		return c.Label
	}
	return strings.TrimPrefix(c.Minor(), "v")
}

// Outcome encodes what was observed of each point, for the comparison of two columns.
func (e *entry) Outcome() string {
	var b strings.Builder
	for _, p := range e.Claim.Points {
		b.WriteByte("-ft"[p.Observed])
	}
	return b.String()
}

// Link returns the address of the evidence in the page. Its ID consists of letters, digits and the marks of address only.
func (e *entry) Link() template.URL { return template.URL("#" + e.ID) }

// Full reports whether the page contains the evidence of the cell. A page on many versions contains that of the answers, of what failed,
// and of the points that changed since the previous run; of the other cells what decided.
func (e *entry) Full() bool { return e.full }

// fill decides which cells contain all evidence. Of controls that passed, a page on many versions contains the last look.
func fill(columns []*column, groups []*group) {
	few := len(columns) <= maxInWords
	for _, g := range groups {
		for _, r := range g.Rows {
			lives := r.Lives() // the newest first
			for n, c := range lives {
				for i := range c.Claim.Control {
					if k := &c.Claim.Control[i]; !few && k.Passed && len(k.Evidence) > 1 {
						k.Evidence = k.Evidence[len(k.Evidence)-1:]
					}
				}
				whole := few || c == r.Shown() || c.Claim.Failed()
				if c.full = whole || c.Claim.Flip != nil; c.full && !whole {
					onlyFlipped(c.Claim, lives[max(n-1, 0)].Claim)
				}
			}
		}
	}
}

// onlyFlipped removes the evidence of the points that changed neither since the version before nor on the next one, and the controls that
// none of the others has.
func onlyFlipped(c, next *evidence.Claim) {
	changed := func(says string) bool {
		for _, one := range []*evidence.Claim{c, next} {
			if one.Flip != nil && slices.ContainsFunc(one.Flip.Points, func(p evidence.Point) bool { return p.Says == says }) {
				return true
			}
		}
		return false
	}
	var behind []string
	for i := range c.Points {
		p := &c.Points[i]
		if changed(p.Says) {
			behind = append(behind, slices.Concat(p.Witnesses, p.Contrasts)...)
		} else {
			p.Evidence = nil
		}
	}
	c.Control = slices.DeleteFunc(c.Control, func(k evidence.Control) bool { return !slices.Contains(behind, k.Says) })
}

// since are the answers that changed with a version, or that differ on a variant.
type since struct {
	Newer, Older *column
	Items        []sinceItem
}

type sinceItem struct {
	flipped
	Flip *flip
}

// Now reports whether the point is true now.
func (i sinceItem) Now() bool { return i.Newer.Observed == claim.SawTrue }

// Variant reports whether these are differences of a variant from our own configuration.
func (s *since) Variant() bool { return s.Newer.Variant != s.Older.Variant }

// Apart reports whether there are minors between the two versions, on which nothing was observed.
func (s *since) Apart() bool {
	newer, err1 := claim.ParseVersion(s.Newer.Kubernetes())
	older, err2 := claim.ParseVersion(s.Older.Kubernetes())
	return err1 == nil && err2 == nil && (newer.Major != older.Major || newer.Minor > older.Minor+1)
}

// Since returns the foreseen flips between versions and between variants, by the cluster with which they came, the newest first.
// Flips of variants that are also flips between the plain versions are listed once, there.
func (c changes) Since() []*since {
	var all []*since
	listed := map[string]bool{}
	add := func(variants bool) {
		for _, f := range c.Flips {
			if f.Runs || f.Fails() || f.Variants() != variants {
				continue
			}
			for _, p := range f.Points {
				name := f.Newer.Column.Minor() + f.Row.ID + p.Newer.Says
				if !variants && !f.Newer.Column.plain() && listed[name] {
					continue
				}
				listed[name] = true
				i := slices.IndexFunc(all, func(s *since) bool { return s.Newer == f.Newer.Column && s.Older == f.Older.Column })
				if i < 0 {
					i, all = len(all), append(all, &since{Newer: f.Newer.Column, Older: f.Older.Column})
				}
				all[i].Items = append(all[i].Items, sinceItem{p, f})
			}
		}
	}
	add(false)
	add(true)
	slices.SortStableFunc(all, func(a, b *since) int { return a.Newer.N - b.Newer.N })
	return all
}

// Alarming returns the flips that fail a run, and those since the previous run.
func (c changes) Alarming() []*flip {
	return slices.DeleteFunc(slices.Clone(c.Flips), func(f *flip) bool { return !f.Runs && !f.Fails() })
}
