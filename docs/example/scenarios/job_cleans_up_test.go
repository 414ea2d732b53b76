package scenarios

import (
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
	"github.com/noteproof/noteproof/harness/suite"
)

var cleansUp = claim.P("the Pods of a Job that is done are deleted", claim.False)

// A finished Job and its Pods are kept until the Job is deleted or ttlSecondsAfterFinished has passed (Kubernetes docs, "Jobs":
// Clean up finished jobs automatically).
var jobCleansUp = suite.Scenario{
	ID: "job.cleans-up", Points: []*claim.Point{cleansUp},
	Quote:      "its Pods are deleted when it is done",
	Correction: claim.Text{EN: "Its Pods are kept when it is done, unless ttlSecondsAfterFinished says how long."},
	Body: func(s *scenario.S) {
		kept, brief := s.Pods("job-name=kept"), s.Pods("job-name=brief")

		s.Eventually(brief).Should(HaveLen(1))
		s.Eventually(kept).Should(ConsistOf(HaveExitCode(0)))
		listed := s.Witness("a Pod that has ended, and that no Job owns, is listed").Eventually(s.Pods("app=alone")).Should(ConsistOf(HaveExitCode(0)))
		gone := s.Contrast("the Pod of a Job with ttlSecondsAfterFinished is deleted").Eventually(brief).Should(BeEmpty())

		s.Point(cleansUp, listed, gone).Consistently(kept).Decides(BeEmpty(), Lasting(ConsistOf(HaveExitCode(0))))
	},
	Sabotage: suite.Sabotage{
		Replace: "metadata: {name: kept}\nspec: {", By: "metadata: {name: kept}\nspec: {ttlSecondsAfterFinished: 10, ", Point: cleansUp,
	},
}
