package disturbed

import (
	"fmt"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// Answer is the outcome of a claim under a fault.
type Answer string

// The answers.
const (
	Right   Answer = "as expected"
	Unsure  Answer = "inconclusive" // with a cause
	Wrong   Answer = "wrong"        // drift, or inconclusive without a cause
	Untried Answer = "not run"
)

// Faults is the table of the faults. Its JSON form is faults/summary.json.
type Faults struct {
	Schema   int        `json:"schema"`
	Version  string     `json:"version"`
	Chosen   string     `json:"chosen,omitempty"` // the regular expression of the claims that were run; empty means all
	Began    time.Time  `json:"began"`
	Finished time.Time  `json:"finished,omitzero"` // zero until every fault was tried
	Planned  int        `json:"planned"`           // the number of faults; Faults contains those that were tried
	Claims   []string   `json:"claims"`
	Faults   []FaultRow `json:"faults"`
}

// FaultRow is one fault.
type FaultRow struct {
	Name    string  `json:"name"`
	Does    string  `json:"does"`
	Seconds float64 `json:"seconds"`
	// Bounded is true if the run ended by itself rather than being cut off.
	Bounded bool `json:"bounded"`
	// Failure is why the run failed other than by a claim, or what it left behind; empty if neither.
	Failure string      `json:"failure,omitempty"`
	Cells   []FaultCell `json:"cells"` // one for each of the table's claims, in their order
}

// FaultCell is one claim under one fault.
type FaultCell struct {
	Answer Answer `json:"answer"`
	Reason string `json:"reason,omitempty"` // empty for Right
}

// Count returns the number of claims with this answer.
func (f FaultRow) Count(a Answer) int {
	n := 0
	for _, c := range f.Cells {
		if c.Answer == a {
			n++
		}
	}
	return n
}

// TableOfFaults summarizes the faults that were tried. records must be in the order of s.Done.
func TableOfFaults(s *State, records []*evidence.Record) *Faults {
	all := trials(s, records)
	t := &Faults{
		Schema: Schema, Version: s.Version, Chosen: s.Claims, Began: s.Began, Finished: s.Finished, Planned: len(s.Rows),
		Claims: chosen(s.Claims, all), Faults: []FaultRow{},
	}
	for _, one := range all {
		row := FaultRow{
			Name: one.Name, Does: one.Does, Seconds: one.seconds(), Bounded: !one.record.Finished.IsZero() && one.record.Disturbance != nil, Failure: one.failure(),
			Cells: []FaultCell{},
		}
		for _, id := range t.Claims {
			row.Cells = append(row.Cells, answer(one.claim(id)))
		}
		t.Faults = append(t.Faults, row)
	}
	return t
}

func answer(c *evidence.Claim) FaultCell {
	switch {
	case c == nil:
		return FaultCell{Untried, "the record does not know the claim"}
	case c.Drift:
		return FaultCell{Wrong, c.Reason}
	case c.Verdict == claim.NotRun:
		return FaultCell{Untried, c.Reason}
	case c.Verdict == claim.Inconclusive && c.Reason == "":
		return FaultCell{Wrong, "it is inconclusive without a cause"}
	case c.Verdict == claim.Inconclusive:
		return FaultCell{Unsure, c.Reason}
	default:
		return FaultCell{Answer: Right}
	}
}

// Problems returns why the faults fail; none if each verdict was as expected or inconclusive with a cause, no run failed, and
// each run tried a claim.
func (t *Faults) Problems() []string {
	wrong, failed, untried := 0, 0, 0
	for _, f := range t.Faults {
		wrong += f.Count(Wrong)
		if f.Failure != "" {
			failed++
		}
		if f.Count(Untried) == len(f.Cells) {
			untried++
		}
	}
	var problems []string
	for _, p := range []struct {
		n    int
		says string
	}{
		{wrong, "wrong answers: %d"}, {failed, "faults whose run failed: %d"}, {untried, "faults under which no claim was tried: %d"},
	} {
		if p.n > 0 {
			problems = append(problems, fmt.Sprintf(p.says, p.n))
		}
	}
	return problems
}
