package match_test

import (
	"testing"

	. "github.com/onsi/gomega"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestMatchersOnAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer                                probe.Answer
		answered, with, unreached, wasRefused bool
	}{
		"answered":        {answer: probe.Answer{Status: 200, Connected: true, Body: "x"}, answered: true, with: true},
		"another body":    {answer: probe.Answer{Status: 200, Connected: true, Body: "y"}, answered: true},
		"created":         {answer: probe.Answer{Status: 201, Connected: true, Body: "x"}, answered: true},
		"redirected":      {answer: probe.Answer{Status: 302, Connected: true}},
		"not found":       {answer: probe.Answer{Status: 404, Connected: true, Body: "x"}},
		"a proxy's error": {answer: probe.Answer{Status: 503, Connected: true, Body: "x"}},
		"cut off":         {answer: probe.Answer{Connected: true, Why: "Empty reply from server"}},
		"slow":            {answer: probe.Answer{Connected: true, Why: "timed out"}},
		"timed out":       {answer: probe.Answer{Why: "timed out"}, unreached: true},
		"no route":        {answer: probe.Answer{Why: "no route"}, unreached: true},
		"refused":         {answer: probe.Answer{Why: "connection refused"}, unreached: true, wasRefused: true},
		"nothing known":   {answer: probe.Answer{}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct {
				matcher Described
				want    bool
			}{
				{BeAnswered(), test.answered}, {BeAnsweredWith("x"), test.with}, {BeUnreached(), test.unreached}, {BeRefused(), test.wasRefused},
			} {
				matches, err := c.matcher.Match(test.answer)
				g := NewWithT(t)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(matches).To(Equal(c.want), c.matcher.String())
			}
		})
	}
}
