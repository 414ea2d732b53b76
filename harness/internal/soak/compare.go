package soak

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// Deviation is a claim whose result in one run differs from its usual result, or is drift.
type Deviation struct {
	Claim   string        `json:"claim"`
	Run     int           `json:"run"`
	Loaded  bool          `json:"loaded"`
	Verdict claim.Verdict `json:"verdict"`
	Usual   claim.Verdict `json:"usual"`
	Drift   bool          `json:"drift"`
	Reason  string        `json:"reason,omitempty"`
	Seconds float64       `json:"seconds"`
	// Points are those whose observation differs from the usual one. It is empty for a claim that was not run.
	Points []PointDeviation `json:"points,omitempty"`
}

// PointDeviation is a point whose observation in one run differs from the usual one.
type PointDeviation struct {
	Says     string         `json:"says"`
	Observed claim.Observed `json:"observed"`
	Usual    claim.Observed `json:"usual"`
}

// String returns the deviation in one line: "run 4 (loaded): pod.localhost inconclusive, usually holds: no answer".
func (d Deviation) String() string {
	line := fmt.Sprintf("run %d (%s): %s %s", d.Run, state(d.Loaded), untrusted.Line(d.Claim), d.Verdict)
	if d.Drift {
		line += ", drift"
	}
	line += fmt.Sprintf(", usually %s", d.Usual)
	if d.Reason != "" {
		line += ": " + untrusted.Short(d.Reason, longestReason)
	}
	return line
}

// addClaim adds the row of a claim and its deviations. For a claim that no run tried it only adds the ID to NotRun.
func (s *Summary) addClaim(id string, results []result) {
	entries := make([]*evidence.Claim, len(results))
	for i, r := range results {
		entries[i] = r.claim(id)
	}
	usual := usualVerdict(entries)
	if usual == claim.NotRun {
		s.NotRun = append(s.NotRun, id)
		return
	}
	points := usualPoints(entries)
	row := ClaimRow{ID: id, Usual: usual, Idle: map[claim.Verdict]int{}, Loaded: map[claim.Verdict]int{}}
	var idle, loaded []float64
	for i, c := range entries {
		verdicts, seconds := row.Idle, &idle
		if results[i].Loaded {
			verdicts, seconds = row.Loaded, &loaded
		}
		verdicts[c.Verdict]++
		if c.Verdict != claim.NotRun {
			*seconds = append(*seconds, c.Seconds)
		}
		if d := deviation(c, usual, points); d != nil {
			d.Run, d.Loaded = results[i].Number, results[i].Loaded
			s.Deviations = append(s.Deviations, *d)
		}
	}
	row.Seconds = compare(idle, loaded)
	s.Claims = append(s.Claims, row)
}

// claim returns the run's result for a claim. If its record does not contain the claim, the claim was not run, because the run
// failed.
func (r result) claim(id string) *evidence.Claim {
	for _, c := range r.record.Claims {
		if c.ID == id {
			return c
		}
	}
	return &evidence.Claim{ID: id, Verdict: claim.NotRun, Reason: cmp.Or(series.Failure(r.record), "the record of the run does not know the claim")}
}

// deviation returns how a result differs from the usual one, or nil if it does not differ and is not drift.
func deviation(c *evidence.Claim, usual claim.Verdict, points map[string]claim.Observed) *Deviation {
	var other []PointDeviation
	for _, p := range c.Points {
		if c.Verdict != claim.NotRun && p.Observed != points[p.Says] {
			other = append(other, PointDeviation{Says: p.Says, Observed: p.Observed, Usual: points[p.Says]})
		}
	}
	if c.Verdict == usual && !c.Drift && len(other) == 0 {
		return nil
	}
	return &Deviation{
		Claim: c.ID, Verdict: c.Verdict, Usual: usual, Drift: c.Drift, Reason: c.Reason, Seconds: rounded(c.Seconds), Points: other,
	}
}

// usualVerdict returns the most frequent verdict that is an answer: holds, in part or refuted. If there is none, it returns
// inconclusive if a run tried the claim, else not run. So runs without a cluster do not affect the usual verdict, even if they
// are the majority.
func usualVerdict(entries []*evidence.Claim) claim.Verdict {
	var answers []claim.Verdict
	tried := false
	for _, c := range entries {
		if c.Settled() {
			answers = append(answers, c.Verdict)
		}
		tried = tried || c.Verdict != claim.NotRun
	}
	switch {
	case len(answers) > 0:
		return mostFrequent(answers)
	case tried:
		return claim.Inconclusive
	default:
		return claim.NotRun
	}
}

// usualPoints returns the most frequent observation of each point. It omits points that were never observed.
func usualPoints(entries []*evidence.Claim) map[string]claim.Observed {
	seen := map[string][]claim.Observed{}
	for _, c := range entries {
		for _, p := range c.Points {
			if p.Observed != claim.Nothing {
				seen[p.Says] = append(seen[p.Says], p.Observed)
			}
		}
	}
	usual := map[string]claim.Observed{}
	for says, observed := range seen {
		usual[says] = mostFrequent(observed)
	}
	return usual
}

// mostFrequent returns the value that occurs most often; in a tie, the first one.
func mostFrequent[T comparable](values []T) T {
	count := map[T]int{}
	for _, v := range values {
		count[v]++
	}
	return slices.MaxFunc(values, func(a, b T) int { return cmp.Compare(count[a], count[b]) })
}
