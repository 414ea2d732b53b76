package scenarios

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var (
	triesAgain = claim.P("a Job starts another Pod when one fails", claim.True)
	triesUntil = claim.P("it goes on until one succeeds", claim.False)
)

// A Job fails after backoffLimit retries, six by default (Kubernetes docs, "Jobs": Pod backoff failure policy).
var jobTriesUntil = suite.Scenario{
	ID: "job.tries-until", Points: []*claim.Point{triesAgain, triesUntil},
	Quote:      "starts another Pod when one fails, and goes on until one succeeds",
	Correction: claim.Text{EN: "A Job starts another Pod when one fails, until one succeeds or its backoffLimit is reached."},
	Body: func(s *scenario.S) {
		twice, once := s.Pods("job-name=twice"), s.Pods("job-name=once")

		runs := s.Witness("the Pods of Jobs run: one has failed").Eventually(once).Should(ConsistOf(BeInPhase(corev1.PodFailed)))
		noMore := s.Contrast("a Job without retries starts no second Pod")
		succeeds := s.Contrast("a Job whose Pod succeeds is complete").Eventually(jobState(s, "works")).Should(Equal("Complete"))

		s.Eventually(twice).Should(ContainElement(BeInPhase(corev1.PodFailed)))
		s.Point(triesAgain, runs, noMore).Eventually(twice).Decides(beSeveral(), Lasting(HaveLen(1)))
		s.Point(triesUntil, runs, succeeds).Eventually(jobState(s, "twice")).Decides(Equal("Complete"), Equal("Failed: BackoffLimitExceeded"))
		noMore.Consistently(once).Should(HaveLen(1))
	},
	Sabotage: suite.Sabotage{Replace: "backoffLimit: 1", By: "backoffLimit: 0", Point: triesAgain},
}
