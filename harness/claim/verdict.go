package claim

// Observed is what was observed of a point. The zero value is Nothing: there was no look, or no look decided the point.
type Observed int

// What can be observed of a point.
const (
	Nothing Observed = iota
	SawFalse
	SawTrue
)

// Saw turns a truth value into an observation.
func Saw(truth bool) Observed {
	if truth {
		return SawTrue
	}
	return SawFalse
}

// Is returns whether the point was observed to have this truth.
func (o Observed) Is(truth bool) bool { return o == Saw(truth) }

func (o Observed) String() string {
	switch o {
	case SawTrue:
		return "true"
	case SawFalse:
		return "false"
	default:
		return "nothing"
	}
}

// MarshalJSON writes true, false or null.
func (o Observed) MarshalJSON() ([]byte, error) {
	if o == Nothing {
		return []byte("null"), nil
	}
	return []byte(o.String()), nil
}

// UnmarshalJSON reads true, false or null.
func (o *Observed) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true":
		*o = SawTrue
	case "false":
		*o = SawFalse
	default:
		*o = Nothing
	}
	return nil
}

// Verdict is the answer to a claim.
type Verdict string

// The verdicts. Inconclusive means that the infrastructure, a look or a control failed. It fails the run and never counts as
// Refuted.
const (
	Holds        Verdict = "holds"
	InPart       Verdict = "in part"
	Refuted      Verdict = "refuted"
	Inconclusive Verdict = "inconclusive"
	NotRun       Verdict = "not run"
)

// Judge computes the verdict. If all points are true, the claim holds; if all are false, it is refuted; if they are mixed, it
// holds in part. If a point was not observed, or there is none, it is inconclusive.
func Judge(points []Observed) Verdict {
	var yes, no int
	for _, p := range points {
		switch p {
		case SawTrue:
			yes++
		case SawFalse:
			no++
		default:
			return Inconclusive
		}
	}
	switch {
	case yes == 0 && no == 0:
		return Inconclusive
	case no == 0:
		return Holds
	case yes == 0:
		return Refuted
	default:
		return InPart
	}
}
