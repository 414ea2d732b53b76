package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestMatchersOnTheServersAnswers(t *testing.T) {
	g := NewWithT(t)
	const user = `User "stranger" cannot get resource "pods"`
	g.Expect(probe.Answer{Status: 201}).To(And(BeAccepted(), Not(BeInvalid()), Not(BeForbidden())))
	g.Expect(probe.Answer{Status: 400, Reason: "BadRequest"}).To(And(BeInvalid(), Not(BeAccepted())))
	g.Expect(probe.Answer{Status: 422, Reason: "Invalid"}).To(And(BeInvalid(), Not(BeForbidden())))
	g.Expect(probe.Answer{Status: 403, Reason: "Forbidden", Body: user}).To(And(BeForbidden(), Not(BeInvalid())))
	g.Expect(probe.Answer{Status: 422}).NotTo(BeInvalid(), "policies use this code too")
	g.Expect(probe.Answer{Status: 403, Body: user}).NotTo(BeForbidden())
	g.Expect(probe.Answer{Status: 403, Reason: "Forbidden", Body: "exceeded quota"}).NotTo(BeForbidden())
	g.Expect(probe.Answer{Status: 404, Reason: "NotFound"}).NotTo(Or(BeInvalid(), BeForbidden(), BeAccepted()))
}

func TestInvalidAt(t *testing.T) {
	invalid := func(fields ...string) probe.Answer {
		answer := probe.Answer{Status: 422, Reason: metav1.StatusReasonInvalid}
		for _, field := range fields {
			answer.Causes = append(answer.Causes, metav1.StatusCause{Type: metav1.CauseTypeFieldValueInvalid, Field: field})
		}
		return answer
	}
	for name, test := range map[string]struct {
		answer probe.Answer
		want   bool
	}{
		"for the field":   {invalid("spec.ports[0].nodePort"), true},
		"for another":     {invalid("spec.ports[0].port"), false},
		"for two":         {invalid("spec.ports[0].nodePort", "spec.type"), false},
		"for no field":    {invalid(), false},
		"by a webhook":    {probe.Answer{Status: 400, Body: "denied"}, false},
		"accepted at all": {probe.Answer{Status: 200, Body: "accepted"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			matches, err := BeInvalidAt("spec.ports[0].nodePort").Match(test.answer)
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(matches).To(Equal(test.want))
		})
	}
}
