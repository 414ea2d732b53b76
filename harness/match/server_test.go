package match_test

import (
	"testing"

	. "github.com/onsi/gomega"

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
	g.Expect(probe.Answer{Status: 422}).NotTo(BeInvalid(), "the code alone is a policy's too")
	g.Expect(probe.Answer{Status: 403, Body: user}).NotTo(BeForbidden())
	g.Expect(probe.Answer{Status: 403, Reason: "Forbidden", Body: "exceeded quota"}).NotTo(BeForbidden())
	g.Expect(probe.Answer{Status: 404, Reason: "NotFound"}).NotTo(Or(BeInvalid(), BeForbidden(), BeAccepted()))
}
