package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/untrusted"
)

// longestSight is how many characters of the first and the last look, and of a failure, the pages show: a page holds
// hundreds of them, and the record has them whole.
const longestSight = 120

// turnedMark stands wherever an answer turned round, and turnedMeans is its legend.
const (
	turnedMark  = "⇄"
	turnedMeans = "turned round: looks at a point showed first one answer and later the other"
)

// watched is how often and how long was looked, in brackets; nothing for the single look of a record of an earlier version.
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

// looked is how often, when and how densely was looked: "12 looks, 04:05:08 to 04:05:16, 8.0 s, largest gap 0.9 s". It is
// empty when the record does not say.
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

// failedLooks is how many looks failed, and why the first of them did; empty when none failed.
func failedLooks(e evidence.Evidence) string {
	if e.Looks == nil || e.Looks.Failed == 0 {
		return ""
	}
	return fmt.Sprintf("%s failed, the first: %s", counting(e.Looks.Failed, "look"), untrusted.Short(e.Looks.Failure, longestSight))
}

// reversal says how the looks turned the answer round: how many came out each way, and the first and the last that was
// contrary to the answer, or of either when there was none. It is empty when they did not.
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

// sightings is the first and the last look that came out one way.
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

// showsNothing is why the evidence decides nothing; empty when it decides, and when the record does not say why.
func showsNothing(e evidence.Evidence) string {
	if e.Truth != claim.Nothing || e.Why == "" {
		return ""
	}
	return "shows nothing: " + untrusted.Short(e.Why, longestLook)
}

// health is what the state of the cluster was when the answer was contrary to what is expected; empty when it was not.
func health(e evidence.Evidence) string {
	h := e.Health
	if h == nil {
		return ""
	}
	checked := "nothing"
	if len(h.Checked) > 0 {
		checked = untrusted.Line(strings.Join(h.Checked, ", "))
	}
	if len(h.Problems) == 0 {
		return fmt.Sprintf("the cluster was whole at %s, checked: %s", clock(h.At), checked)
	}
	return fmt.Sprintf("the cluster was not whole at %s: %s (checked: %s)", clock(h.At), untrusted.Short(strings.Join(h.Problems, "; "), longestLook), checked)
}

// remarks are what is to be said of evidence beside what was seen, a line each, the most important first. All of it is fit
// for a terminal.
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

// lookedAt is what was looked at, with a label when it only supports a point.
func lookedAt(e evidence.Evidence) string {
	if e.Supporting {
		return "supporting, does not decide: " + e.Looked
	}
	return e.Looked
}

// saw is what was seen at the last look, or that nothing was.
func saw(e evidence.Evidence) string {
	if e.Saw == "" && e.Looks != nil {
		return "nothing"
	}
	return e.Saw
}

func clock(t time.Time) string { return t.UTC().Format(time.TimeOnly) }

// anyTurned says whether an answer of a record turned round.
func anyTurned(claims []*evidence.Claim) bool {
	for _, c := range claims {
		if c.Turned() {
			return true
		}
	}
	return false
}
