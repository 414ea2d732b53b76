package suite

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/breaks"
	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func TestWhatIsWrongWithDisturbances(t *testing.T) {
	so, stranger := claim.P("it is so", claim.True), claim.P("a stranger", claim.True)
	named := func(name string) breaks.Disturbance { return breaks.Disturbance{Name: name} }
	for name, c := range map[string]struct {
		suite Suite
		wrong string // empty: nothing is
	}{
		"whole":                {Suite{Breaks: []Break{{Disturbance: named("a"), Turns: []*claim.Point{so}, Claims: "^pod"}}, Faults: []Fault{{Disturbance: named("b")}}}, ""},
		"one name twice":       {Suite{Breaks: []Break{{Disturbance: named("a")}}, Faults: []Fault{{Disturbance: named("a")}}}, "a stands in the list twice"},
		"no expression":        {Suite{Faults: []Fault{{Disturbance: named("a"), Claims: "("}}}, "error parsing regexp"},
		"a point of nobody":    {Suite{Breaks: []Break{{Disturbance: named("a"), Turns: []*claim.Point{stranger}}}}, "break a turns a point that is no claim's"},
		"a point left out":     {Suite{Breaks: []Break{{Disturbance: named("a"), Turns: []*claim.Point{so}, Claims: "^label"}}}, "turns a point of pod.x, which it does not run"},
		"an excuse for nobody": {Suite{Unturned: map[*claim.Point]string{stranger: "because"}}, `no claim's: "a stranger"`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c.suite.Scenarios = []Scenario{{ID: "pod.x", Points: []*claim.Point{so}}}
			err := c.suite.checkDisturbances()
			if c.wrong == "" {
				g.Expect(err).NotTo(HaveOccurred())
				return
			}
			g.Expect(err).To(MatchError(ContainSubstring(c.wrong)))
		})
	}
}

func TestPointsThatNoBreakTurns(t *testing.T) {
	g := NewWithT(t)
	turned, excused, left := claim.P("turned", claim.True), claim.P("excused", claim.True), claim.P("left", claim.True)
	s := Suite{Scenarios: []Scenario{{ID: "pod.x", Points: []*claim.Point{turned, excused, left}}}}
	g.Expect(s.Unbroken()).To(BeEmpty(), "a suite without breaks proves nothing of its points")
	s.Breaks = []Break{{Turns: []*claim.Point{turned}}}
	s.Unturned = map[*claim.Point]string{excused: "nothing breaks it"}
	g.Expect(s.Unbroken()).To(Equal([]evidence.PointRef{{Claim: "pod.x", Point: "left"}}))
}

func TestPointsAreNamedByTheirClaims(t *testing.T) {
	one, two := claim.P("same words", claim.True), claim.P("same words", claim.True)
	s := Suite{Scenarios: []Scenario{
		{ID: "pod.x", Points: []*claim.Point{one}}, {ID: "pod.y", Points: []*claim.Point{two}},
	}}
	NewWithT(t).Expect(s.Refs([]*claim.Point{two})).To(Equal([]evidence.PointRef{{Claim: "pod.y", Point: "same words"}}))
}
