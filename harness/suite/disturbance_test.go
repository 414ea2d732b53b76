package suite

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/breaks"
	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func TestCheckDisturbances(t *testing.T) {
	so, stranger := claim.P("it is so", claim.True), claim.P("a stranger", claim.True)
	named := func(name string) breaks.Disturbance { return breaks.Disturbance{Name: name} }
	for name, c := range map[string]struct {
		suite Suite
		wrong string // empty for no error
	}{
		"whole":                   {Suite{Breaks: []Break{{Disturbance: named("a"), Turns: []*claim.Point{so}, Claims: "^pod"}}, Faults: []Fault{{Disturbance: named("b")}}}, ""},
		"one name twice":          {Suite{Breaks: []Break{{Disturbance: named("a")}}, Faults: []Fault{{Disturbance: named("a")}}}, "a is in the list twice"},
		"no expression":           {Suite{Faults: []Fault{{Disturbance: named("a"), Claims: "("}}}, "error parsing regexp"},
		"a stranger tolerated":    {Suite{Breaks: []Break{{Disturbance: named("a"), Tolerates: map[*claim.Point]string{stranger: "because"}}}}, `tolerates a point that belongs to no claim: "a stranger"`},
		"a point of no claim":     {Suite{Breaks: []Break{{Disturbance: named("a"), Turns: []*claim.Point{stranger}}}}, "break a turns a point that belongs to no claim"},
		"a point that is not run": {Suite{Breaks: []Break{{Disturbance: named("a"), Turns: []*claim.Point{so}, Claims: "^label"}}}, "turns a point of pod.x, which it does not run"},
		"an excuse for no claim":  {Suite{Unturned: map[*claim.Point]string{stranger: "because"}}, `belongs to no claim: "a stranger"`},
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
	g.Expect(s.Unbroken()).To(BeEmpty(), "a suite without breaks reports no points")
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
