package disturbed

import (
	"fmt"
	"slices"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// Outcome is the outcome of a claim under a break.
type Outcome string

// The outcomes.
const (
	Turned       Outcome = "turned" // at least one point came out other than expected, and the claim drifted
	Stayed       Outcome = "stayed" // it was answered as expected
	Inconclusive Outcome = "inconclusive"
	NotRun       Outcome = "not run"
)

// Breaks is the table of the breaks. Its JSON form is breaks/summary.json.
type Breaks struct {
	Schema   int        `json:"schema"`
	Version  string     `json:"version"`
	Chosen   string     `json:"chosen,omitempty"` // the regular expression of the claims that were run; empty means all
	Began    time.Time  `json:"began"`
	Finished time.Time  `json:"finished,omitzero"` // zero until every break was tried
	Planned  int        `json:"planned"`           // the number of breaks; Breaks contains those that were tried
	Claims   []string   `json:"claims"`
	Breaks   []BreakRow `json:"breaks"`
	Exact    int        `json:"exact"`  // breaks with at least one expected point, under which exactly the expected points turned
	Points   int        `json:"points"` // of all claims
	Turned   int        `json:"turned"` // points that at least one break turns, as expected or tolerated
	// Never are the points that no break turned. Why is empty if the suite gives no reason.
	Never []evidence.PointRef `json:"never"`
}

// BreakRow is one break.
type BreakRow struct {
	Name     string          `json:"name"`
	Does     string          `json:"does"`
	Seconds  float64         `json:"seconds"`
	Expected []ExpectedPoint `json:"expected"`
	// Wrong are points that turned and must not.
	Wrong []evidence.PointRef `json:"wrong,omitempty"`
	// Tolerated are points that turned and may, each with the reason.
	Tolerated []evidence.PointRef `json:"tolerated,omitempty"`
	Exact     bool                `json:"exact"`
	// Failure is why the run failed other than by a claim, or what it left behind; empty if neither.
	Failure string `json:"failure,omitempty"`
	Cells   []Cell `json:"cells"` // one for each of the table's claims, in their order
}

// ExpectedPoint is a point that must turn under a break.
type ExpectedPoint struct {
	Claim  string `json:"claim"`
	Point  string `json:"point"`
	Turned bool   `json:"turned"`
	Became string `json:"became,omitempty"` // its outcome if it did not turn
}

// Cell is one claim under one break.
type Cell struct {
	Outcome Outcome  `json:"outcome"`
	Points  []string `json:"points,omitempty"` // those that turned
	// Reason is why the claim is inconclusive or was not run; empty otherwise.
	Reason string `json:"reason,omitempty"`
}

// Score returns how many of the expected points turned.
func (b BreakRow) Score() int {
	n := 0
	for _, e := range b.Expected {
		if e.Turned {
			n++
		}
	}
	return n
}

// TableOfBreaks summarizes the breaks that were tried. records must be in the order of s.Done.
func TableOfBreaks(s *State, records []*evidence.Record) *Breaks {
	all := trials(s, records)
	t := &Breaks{
		Schema: Schema, Version: s.Version, Chosen: s.Claims, Began: s.Began, Finished: s.Finished, Planned: len(s.Rows),
		Claims: chosen(s.Claims, all), Breaks: []BreakRow{}, Never: []evidence.PointRef{},
	}
	for _, one := range all {
		row := one.breakRow(t.Claims)
		if row.Exact {
			t.Exact++
		}
		t.Breaks = append(t.Breaks, row)
	}
	t.countPoints(all, s.Unturned)
	return t
}

func (t trial) breakRow(claims []string) BreakRow {
	row := BreakRow{Name: t.Name, Does: t.Does, Seconds: t.seconds(), Failure: t.failure(), Expected: []ExpectedPoint{}, Cells: []Cell{}}
	var turns, tolerates []evidence.PointRef
	if d := t.record.Disturbance; d != nil {
		turns, tolerates = d.Turns, d.Tolerates
	}
	var turned []evidence.PointRef
	for _, id := range claims {
		cell := t.cell(id)
		row.Cells = append(row.Cells, cell)
		for _, says := range cell.Points {
			turned = append(turned, evidence.PointRef{Claim: id, Point: says})
		}
	}
	for _, ref := range turns {
		if !slices.Contains(claims, ref.Claim) { // not chosen for this series
			continue
		}
		expected := ExpectedPoint{Claim: ref.Claim, Point: ref.Point, Turned: has(turned, ref.Claim, ref.Point)}
		if !expected.Turned {
			expected.Became = t.became(ref)
		}
		row.Expected = append(row.Expected, expected)
	}
	for _, ref := range turned {
		i := slices.IndexFunc(tolerates, func(r evidence.PointRef) bool { return r.Claim == ref.Claim && r.Point == ref.Point })
		switch {
		case has(turns, ref.Claim, ref.Point):
		case i >= 0:
			row.Tolerated = append(row.Tolerated, tolerates[i])
		default:
			row.Wrong = append(row.Wrong, ref)
		}
	}
	row.Exact = len(row.Expected) > 0 && row.Score() == len(row.Expected) && len(row.Wrong) == 0 && row.Failure == ""
	return row
}

func (t trial) cell(id string) Cell {
	c := t.claim(id)
	if c == nil {
		return Cell{Outcome: NotRun, Reason: "the record does not know the claim"}
	}
	points := turnedPoints(c)
	switch {
	case len(points) > 0:
		return Cell{Outcome: Turned, Points: points}
	case c.Verdict == claim.NotRun:
		return Cell{Outcome: NotRun, Reason: c.Reason}
	case c.Verdict == claim.Inconclusive:
		return Cell{Outcome: Inconclusive, Reason: c.Reason}
	default:
		return Cell{Outcome: Stayed}
	}
}

// countPoints counts the points that some break turned, and lists the others with the suite's reasons.
func (t *Breaks) countPoints(all []trial, reasons []evidence.PointRef) {
	var counted []evidence.PointRef
	for _, one := range all {
		for _, c := range one.record.Claims {
			for _, p := range c.Points {
				if slices.Contains(t.Claims, c.ID) && !has(counted, c.ID, p.Says) {
					counted = append(counted, evidence.PointRef{Claim: c.ID, Point: p.Says})
				}
			}
		}
	}
	t.Points = len(counted)
	for _, ref := range counted {
		if t.turns(ref) {
			t.Turned++
			continue
		}
		if i := slices.IndexFunc(reasons, func(r evidence.PointRef) bool { return r.Claim == ref.Claim && r.Point == ref.Point }); i >= 0 {
			ref.Why = reasons[i].Why
		}
		t.Never = append(t.Never, ref)
	}
}

// turns reports whether a break turned the point, as it must or may.
func (t *Breaks) turns(ref evidence.PointRef) bool {
	return slices.ContainsFunc(t.Breaks, func(b BreakRow) bool {
		return has(b.Tolerated, ref.Claim, ref.Point) || slices.ContainsFunc(b.Expected, func(e ExpectedPoint) bool {
			return e.Turned && e.Claim == ref.Claim && e.Point == ref.Point
		})
	})
}

// Problems returns why the breaks fail; none if exactly the expected points turned under each break and no run failed.
func (t *Breaks) Problems() []string {
	missed, wrong, failed := 0, 0, 0
	for _, b := range t.Breaks {
		missed += len(b.Expected) - b.Score()
		wrong += len(b.Wrong)
		if b.Failure != "" {
			failed++
		}
	}
	var problems []string
	for _, p := range []struct {
		n    int
		says string
	}{
		{missed, "expected to turn and did not: %d"}, {wrong, "turned and must not: %d"},
		{failed, "breaks whose run failed: %d"},
	} {
		if p.n > 0 {
			problems = append(problems, fmt.Sprintf(p.says, p.n))
		}
	}
	return problems
}
