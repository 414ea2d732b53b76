package disturbed

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
	"github.com/noteproof/noteproof/harness/internal/verdict"
)

// Schema is the version of the tables' JSON form. It is increased by changes that would mislead a reader of the old form.
const Schema = 1

// trial is a disturbance that was tried, with its record.
type trial struct {
	*Row
	record *evidence.Record
}

func trials(s *State, records []*evidence.Record) []trial {
	var all []trial
	for i, row := range s.Done() {
		all = append(all, trial{row, records[i]})
	}
	return all
}

// failure returns why the run failed other than by a claim: it was cut off, it left something behind, or the disturbance was
// not applied or not undone. It returns "" if the run did not fail so.
func (t trial) failure() string {
	d := t.record.Disturbance
	if why := series.Failure(t.record); why != "" {
		return why
	}
	switch {
	case d == nil || d.Name != t.Name:
		return "the record is not of this disturbance"
	case d.Failure != "":
		return d.Failure
	case d.Began.IsZero():
		return "it was never applied"
	default:
		return ""
	}
}

// seconds returns the duration of the whole run.
func (t trial) seconds() float64 { return t.Finished.Sub(t.Began).Seconds() }

// claim returns a claim of the record, or nil if the record does not contain it.
func (t trial) claim(id string) *evidence.Claim {
	i := slices.IndexFunc(t.record.Claims, func(c *evidence.Claim) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return t.record.Claims[i]
}

// turned reports whether a point turned: the claim drifted, and the point was observed to be other than expected. The points of
// a claim that was cut off did not turn, since such a claim is not reported as drift.
func turned(c *evidence.Claim, p *evidence.Point) bool { return c.Drift && verdict.Contradicted(p) }

// turnedPoints returns the points of a claim that turned.
func turnedPoints(c *evidence.Claim) []string {
	var says []string
	for i := range c.Points {
		if turned(c, &c.Points[i]) {
			says = append(says, c.Points[i].Says)
		}
	}
	return says
}

// became describes the outcome of a point that did not turn.
func (t trial) became(ref evidence.PointRef) string {
	c := t.claim(ref.Claim)
	if c == nil {
		return "the record does not know its claim"
	}
	i := slices.IndexFunc(c.Points, func(p evidence.Point) bool { return p.Says == ref.Point })
	switch {
	case i < 0:
		return "the record does not know it"
	case c.Verdict == claim.NotRun:
		return "not run: " + c.Reason
	case verdict.Contradicted(&c.Points[i]): // but the claim did not drift
		return "turned, but its claim is inconclusive: " + c.Reason
	case c.Points[i].Observed == claim.Nothing:
		return "inconclusive: " + cmp.Or(c.Points[i].Unproven, c.Reason)
	case c.Verdict == claim.Inconclusive:
		return "inconclusive: " + c.Reason
	default:
		return "stayed as expected"
	}
}

// chosen returns the IDs of the claims that match the expression of the series, in the order of the records.
func chosen(expression string, all []trial) []string {
	only, err := regexp.Compile(expression)
	var ids []string
	for _, t := range all {
		for _, c := range t.record.Claims {
			if !slices.Contains(ids, c.ID) && (err != nil || only.MatchString(c.ID)) {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}

func has(refs []evidence.PointRef, id, says string) bool {
	return slices.ContainsFunc(refs, func(r evidence.PointRef) bool { return r.Claim == id && r.Point == says })
}
