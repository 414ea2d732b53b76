package scenario

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// notChosen is the reason of a claim that CLAIMS, or a flag, left out.
const notChosen = "not chosen for this run"

// newEntry is what the record says of a claim before it has run.
func newEntry(c claim.Claim, v claim.Version, reproduce string) *evidence.Claim {
	entry := &evidence.Claim{
		ID: c.ID, Quote: c.Quote, Correction: c.Correction,
		Verdict: claim.NotRun, Expected: c.Expected(v), Reason: notChosen,
		Points: []evidence.Point{}, Control: []evidence.Control{},
		Reproduce: reproduce,
	}
	for _, p := range c.Points {
		entry.Points = append(entry.Points, evidence.Point{Says: p.Says, Expected: p.Expect.At(v), Evidence: []evidence.Evidence{}})
	}
	return entry
}

// reproduce is a command line that runs just this claim again, on this version or on the cluster that was lent, with the
// same image and the same leave, from the root of any module that has scenarios.
func (l *Lab) reproduce(id, version string) string {
	command := "CLAIMS='^" + regexp.QuoteMeta(id) + "$'"
	set := func(variable, value string) {
		if value != "" {
			command += " " + variable + "=" + shellescape.Quote(value)
		}
	}
	flags := ""
	if l.settings.kubeconfig == "" {
		set("K8S", version)
	} else {
		set("KUBECONFIG_FILE", l.settings.kubeconfig)
		set("NOTEPROOF_IMAGE", l.settings.image)
		set("NOTEPROOF_LEAVE", l.settings.leaves())
		if name := l.config.KubeContext(); name != "" {
			flags = " -args --context " + shellescape.Quote(name)
		}
	}
	return command + " go test " + shellescape.Quote(l.settings.tests) + " -count=1 -timeout=60m" + flags
}

// judge computes the verdict of an entry from what was observed. Trouble, when there was some, is why a part of the
// scenario could not be tried; it is empty when all was.
func judge(entry *evidence.Claim, trouble string) {
	observed := make([]claim.Observed, len(entry.Points))
	var drifted []string
	for i := range entry.Points {
		point := &entry.Points[i]
		point.Observed = together(point.Evidence)
		observed[i] = point.Observed
		if contradicts(point) {
			drifted = append(drifted, point.Says)
		}
	}
	control := failedControls(entry.Control)
	entry.Verdict, entry.Drift, entry.Reason = claim.Judge(observed), false, ""
	switch {
	case len(drifted) > 0 && control == "":
		entry.Drift, entry.Reason = true, "observed other than expected: "+strings.Join(drifted, "; ")
	case trouble != "":
		entry.Verdict, entry.Reason = claim.Inconclusive, trouble
	case control != "":
		entry.Verdict, entry.Reason = claim.Inconclusive, control
	case entry.Verdict == claim.Inconclusive:
		entry.Reason = "not observed: " + unobserved(entry.Points)
	}
}

// together is what several looks at one point say of it: it is true when all of them say so, and false as soon as one
// speaks against it.
func together(looks []evidence.Evidence) claim.Observed {
	sum := claim.Nothing
	for _, look := range looks {
		switch {
		case look.Truth == claim.SawFalse:
			return claim.SawFalse
		case look.Truth == claim.SawTrue:
			sum = claim.SawTrue
		}
	}
	return sum
}

// contradicts says whether any look at the point came out other than expected.
func contradicts(point *evidence.Point) bool {
	for _, look := range point.Evidence {
		if look.Truth.Is(!point.Expected) {
			return true
		}
	}
	return false
}

func failedControls(controls []evidence.Control) string {
	if len(controls) == 0 {
		return "the scenario has no control, so its probes prove nothing"
	}
	for _, c := range controls {
		if !c.Passed {
			return "the control failed, so the probe cannot tell the difference: " + c.Says
		}
	}
	return ""
}

func unobserved(points []evidence.Point) string {
	var says []string
	for _, p := range points {
		if p.Observed == claim.Nothing {
			says = append(says, p.Says)
		}
	}
	return strings.Join(says, "; ")
}

// whatFailed says in one line why a claim fails the run.
func whatFailed(entry *evidence.Claim) string {
	if !entry.Flip.Fails() {
		return entry.Reason
	}
	flip := "flipped: it was " + entry.Flip.Tell(entry.Verdict)
	if entry.Reason == "" {
		return flip
	}
	return flip + "; " + entry.Reason
}

// sideBySide tells of a failed claim as a test's message: expected and observed under one another, with the evidence.
func sideBySide(entry *evidence.Claim) string {
	var b strings.Builder
	word := "INCONCLUSIVE"
	switch {
	case entry.Flip.Fails():
		word = "FLIP"
	case entry.Drift:
		word = "DRIFT"
	}
	fmt.Fprintf(&b, "%s: %s: expected %q, the verdict is %q\n%s\n", entry.ID, word, entry.Expected, entry.Verdict, whatFailed(entry))
	if entry.Flip != nil {
		for _, then := range entry.Flip.Points {
			fmt.Fprintf(&b, "↺ before    %s\n  observed  %s\n", then.Says, then.Observed)
			writeLooks(&b, then.Evidence)
		}
	}
	for i := range entry.Points {
		point := &entry.Points[i]
		mark := " "
		if contradicts(point) || point.Observed == claim.Nothing {
			mark = "✗"
		}
		fmt.Fprintf(&b, "%s point     %s\n  expected  %t\n  observed  %s\n", mark, point.Says, point.Expected, point.Observed)
		writeLooks(&b, point.Evidence)
	}
	for _, control := range entry.Control {
		if !control.Passed {
			fmt.Fprintf(&b, "✗ control   %s\n", control.Says)
			writeLooks(&b, control.Evidence)
		}
	}
	fmt.Fprintf(&b, "  run again %s\n", entry.Reproduce)
	return b.String()
}

func writeLooks(b *strings.Builder, looks []evidence.Evidence) {
	for _, look := range looks {
		fmt.Fprintf(b, "  evidence  %s %s, wanted to %s; saw: %s (%.1f s)\n", look.At.Format(time.TimeOnly), look.Looked, look.Wanted, look.Saw, look.Seconds)
	}
}
