package report

import (
	"testing"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func TestOutcomeOf(t *testing.T) {
	seen := []evidence.Evidence{{Truth: claim.Nothing}}
	for name, test := range map[string]struct {
		control      evidence.Control
		contradicted bool
		want         outcome
	}{
		"passed":                        {evidence.Control{Kind: evidence.Contrast, Passed: true, Evidence: seen}, true, passed},
		"of an earlier version, passed": {evidence.Control{Passed: true}, false, passed},
		"of an earlier version":         {evidence.Control{Evidence: seen}, true, failed},
		"never tried":                   {evidence.Control{Kind: evidence.Contrast}, true, untried},
		"a witness that fell":           {evidence.Control{Kind: evidence.Witness, Fell: true, Evidence: seen}, true, failed},
		"a contrast not observed":       {evidence.Control{Kind: evidence.Contrast, Evidence: seen}, true, unseen},
		"a contrast that fell alone":    {evidence.Control{Kind: evidence.Contrast, Fell: true, Evidence: seen}, false, same},
		"a contrast that fell with it":  {evidence.Control{Kind: evidence.Contrast, Fell: true, Evidence: seen}, true, fell},
	} {
		t.Run(name, func(t *testing.T) {
			if got := outcomeOf(test.control, test.contradicted); got != test.want {
				t.Errorf("it %s, want %s", got, test.want)
			}
		})
	}
}

func TestAContrastFallsOnlyWithItsOwnPoint(t *testing.T) {
	k := evidence.Control{Says: "another", Kind: evidence.Contrast, Fell: true, Evidence: []evidence.Evidence{{}}}
	contrary := evidence.Point{Expected: true, Observed: claim.SawFalse, Contrasts: []string{"another"}}
	if got := inClaim(k, &evidence.Claim{Points: []evidence.Point{contrary}}); got != fell {
		t.Errorf("it %s, want %s", got, fell)
	}
	contrary.Contrasts = []string{"a third"}
	if got := inClaim(k, &evidence.Claim{Points: []evidence.Point{contrary}}); got != same {
		t.Errorf("with a point of another contrast it %s, want %s", got, same)
	}
}
