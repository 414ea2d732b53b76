package lab

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/verdict"
)

// newEntry returns the record's entry of a claim before it has run.
func newEntry(c claim.Claim, s claim.Setting, reproduce string) *evidence.Claim {
	entry := &evidence.Claim{
		ID: c.ID, Quote: c.Quote, At: c.At, Correction: c.Correction, Remark: c.Remark,
		Verdict: claim.NotRun, Expected: c.Expected(s), Reason: evidence.NotChosen,
		Points: []evidence.Point{}, Control: []evidence.Control{},
		Reproduce: reproduce,
	}
	for _, p := range c.Points {
		entry.Points = append(entry.Points, evidence.Point{Says: p.Says, SaysKO: p.SaysKO, Expected: p.Expect.At(s), Evidence: []evidence.Evidence{}})
	}
	return entry
}

// reproduce returns a command line that runs only this claim again, on this version or on the same existing cluster, with the
// same image and the same permissions, from the root of any module that has scenarios.
func (l *Lab) reproduce(id, version string) string {
	command := "CLAIMS='^" + regexp.QuoteMeta(id) + "$'"
	set := func(variable, value string) {
		if value != "" {
			command += " " + variable + "=" + shellescape.Quote(value)
		}
	}
	flags := ""
	if l.settings.kubeconfig == "" {
		own := l.settings.nodeImage.String()
		if own != "" {
			version = "" // which the image has
		}
		if l.settings.file == "" && l.settings.variant.Name != "" {
			version += "+" + l.settings.variant.Name
		}
		set("K8S", version)
		set("NOTEPROOF_CLUSTER", l.settings.file)
		set("NOTEPROOF_NODE_IMAGE", own)
	} else {
		set("KUBECONFIG_FILE", l.settings.kubeconfig)
		set("NOTEPROOF_IMAGE", l.settings.image)
		set("NOTEPROOF_ALLOW", l.settings.permissions())
		if name := l.config.KubeContext(); name != "" {
			flags = " -args --context " + shellescape.Quote(name)
		}
	}
	return command + " go test " + shellescape.Quote(l.settings.tests) + " -count=1 -timeout=60m" + flags
}

// failureReason returns in one line why a claim fails the run.
func failureReason(entry *evidence.Claim) string {
	if !entry.Flip.Fails() {
		return entry.Reason
	}
	flip := "flipped: it was " + entry.Flip.Tell(entry.Verdict)
	if entry.Reason == "" {
		return flip
	}
	return flip + "; " + entry.Reason
}

// failureMessage returns the test's message for a failed claim: expected and observed one below the other, with the evidence.
func failureMessage(entry *evidence.Claim) string {
	var b strings.Builder
	word := "INCONCLUSIVE"
	switch {
	case entry.Flip.Fails():
		word = "FLIP"
	case entry.Drift:
		word = "DRIFT"
	}
	fmt.Fprintf(&b, "%s: %s: expected %q, the verdict is %q\n%s\n", entry.ID, word, entry.Expected, entry.Verdict, failureReason(entry))
	if entry.Flip != nil {
		for _, earlier := range entry.Flip.Points {
			fmt.Fprintf(&b, "↺ before    %s\n  observed  %s\n", earlier.Says, earlier.Observed)
			writeEvidence(&b, earlier.Evidence)
		}
	}
	for i := range entry.Points {
		point := &entry.Points[i]
		mark := " "
		if verdict.Contradicted(point) || point.Observed == claim.Nothing {
			mark = "✗"
		}
		fmt.Fprintf(&b, "%s point     %s\n  expected  %t\n  observed  %s\n", mark, point.Says, point.Expected, point.Observed)
		if point.Unproven != "" {
			fmt.Fprintf(&b, "  because   %s\n", point.Unproven)
		}
		writeEvidence(&b, point.Evidence)
	}
	for _, control := range entry.Control {
		if !control.Passed {
			fmt.Fprintf(&b, "✗ %-9s %s\n", cmp.Or(control.Kind, "control"), control.Says)
			writeEvidence(&b, control.Evidence)
		}
	}
	fmt.Fprintf(&b, "  run again %s\n", entry.Reproduce)
	return b.String()
}

func writeEvidence(b *strings.Builder, all []evidence.Evidence) {
	for _, e := range all {
		fmt.Fprintf(b, "  evidence  %s %s, wanted to %s; saw: %s (%.1f s%s)\n", e.At.Format(time.TimeOnly), e.Looked, e.Wanted, e.Saw, e.Seconds, lookCount(e.Looks))
		if e.Why != "" {
			fmt.Fprintf(b, "            shows nothing: %s\n", e.Why)
		}
	}
}

func lookCount(looks *evidence.Looks) string {
	switch {
	case looks == nil || looks.Count < 2:
		return ""
	case looks.Failed > 0:
		return fmt.Sprintf(", %d looks, of which %d failed: %s", looks.Count, looks.Failed, looks.Failure)
	default:
		return fmt.Sprintf(", %d looks", looks.Count)
	}
}
