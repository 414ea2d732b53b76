package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// longestSight limits the characters of the first and the last look, and of a failure, because a page contains hundreds of them.
// The record contains the whole text.
const longestSight = 120

// turnedMark marks answers that turned round, and turnedMeans is its legend.
const (
	turnedMark  = "⇄"
	turnedMeans = "turned round: looks at a point showed that it is true, and later that it is false"
)

// watched renders the number and duration of the looks in brackets; "" for the single look in a record of an earlier noteproof.
func watched(e evidence.Evidence) string {
	switch {
	case e.Looks != nil:
		return " (" + looked(e) + ")"
	case e.Seconds == 0:
		return ""
	default:
		return fmt.Sprintf(" (%.1f s)", e.Seconds)
	}
}

// looked renders the number, time and density of the looks: "12 looks, 04:05:08 to 04:05:16, 8.0 s, largest gap 0.9 s". It
// returns "" if the record does not contain them.
func looked(e evidence.Evidence) string {
	l := e.Looks
	if l == nil {
		return ""
	}
	text := counting(l.Count, "look")
	switch {
	case l.Count == 1:
		text += ", " + clock(l.From) + fmt.Sprintf(", %.1f s", e.Seconds)
	case l.Count > 1:
		text += fmt.Sprintf(", %s to %s, %.1f s, largest gap %.1f s", clock(l.From), clock(l.To), e.Seconds, l.LargestGap)
	}
	return text
}

// failedLooks renders the number of failed looks and the error of the first one; "" if none failed.
func failedLooks(e evidence.Evidence) string {
	if e.Looks == nil || e.Looks.Failed == 0 {
		return ""
	}
	return fmt.Sprintf("%s failed, the first: %s", counting(e.Looks.Failed, "look"), untrusted.Short(e.Looks.Failure, longestSight))
}

// reversal describes how the looks turned the answer round: how many came out each way, and the first and the last look contrary
// to the answer, or of both ways if there is no answer. It returns "" if they did not turn it.
func reversal(e evidence.Evidence) string {
	l := e.Looks
	if !l.Turned() {
		return ""
	}
	text := fmt.Sprintf("a look turned the answer round: %d true, %d false", l.True.Count, l.False.Count)
	if l.Neither.Times() > 0 {
		text += fmt.Sprintf(", %d neither", l.Neither.Count)
	}
	if e.Truth != claim.SawTrue {
		text += "; " + sightings("true", l.True)
	}
	if e.Truth != claim.SawFalse {
		text += "; " + sightings("false", l.False)
	}
	return text
}

// sightings renders the first and the last look that came out one way.
func sightings(way string, o *evidence.Outcome) string {
	first := sighting(o.First)
	if o.Count == 1 {
		return way + " once, " + first
	}
	return fmt.Sprintf("%s first %s, last %s", way, first, sighting(o.Last))
}

func sighting(s evidence.Sight) string {
	return fmt.Sprintf("at %s: “%s”", clock(s.At), untrusted.Short(s.Saw, longestSight))
}

// showsNothing returns why the evidence decides nothing; "" if it decides, or if the record contains no reason.
func showsNothing(e evidence.Evidence) string {
	if e.Truth != claim.Nothing || e.Why == "" {
		return ""
	}
	return "shows nothing: " + untrusted.Short(e.Why, longestLook)
}

// health renders the state of the cluster at the time of an answer other than expected; "" for any other evidence.
func health(e evidence.Evidence) string {
	h := e.Health
	if h == nil {
		return ""
	}
	checked := "nothing"
	if len(h.Checked) > 0 {
		checked = untrusted.Line(strings.Join(h.Checked, ", "))
	}
	if len(h.Problems) == 0 && len(h.Added) > 0 {
		return fmt.Sprintf("the cluster was whole at %s, but adds to what the claim has: %s (checked: %s)", clock(h.At), untrusted.Short(strings.Join(h.Added, "; "), longestLook), checked)
	}
	if len(h.Problems) == 0 {
		return fmt.Sprintf("the cluster was whole at %s, checked: %s", clock(h.At), checked)
	}
	return fmt.Sprintf("the cluster was not whole at %s: %s (checked: %s)", clock(h.At), untrusted.Short(strings.Join(h.Problems, "; "), longestLook), checked)
}

// remarks returns lines about the evidence in addition to what was seen, the most important first. They are safe for a terminal.
func remarks(e evidence.Evidence) []string {
	var lines []string
	add := func(mark, text string) {
		if text != "" {
			lines = append(lines, mark+text)
		}
	}
	add(turnedMark+" ", reversal(e))
	add("", failedLooks(e))
	add("", showsNothing(e))
	add("", health(e))
	return lines
}

// lookedAt returns what was looked at, with a label if the evidence only supports a point.
func lookedAt(e evidence.Evidence) string {
	if e.Supporting {
		return "supporting, does not decide: " + e.Looked
	}
	return e.Looked
}

// saw returns what the last look saw, or "nothing".
func saw(e evidence.Evidence) string {
	if e.Saw == "" && e.Looks != nil {
		return "nothing"
	}
	return e.Saw
}

func clock(t time.Time) string { return t.UTC().Format(time.TimeOnly) }

// anyTurned reports whether an answer of any claim turned round.
func anyTurned(claims []*evidence.Claim) bool {
	for _, c := range claims {
		if c.Turned() {
			return true
		}
	}
	return false
}
