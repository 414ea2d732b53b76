package scenario

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestPickTheWorkerToFill(t *testing.T) {
	little, much, equal := worker{"little", 1 << 30}, worker{"much", 3 << 30}, worker{"equal", 3 << 30}
	for name, test := range map[string]struct {
		a, b        worker
		full, roomy string
	}{
		"the first has less":  {little, much, "little", "much"},
		"the second has less": {much, little, "little", "much"},
		"both have the same":  {much, equal, "much", "equal"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			full, roomy, err := pick(test.a, test.b, "3Gi")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect([]string{full.name, roomy.name}).To(Equal([]string{test.full, test.roomy}))
		})
	}
	_, _, err := pick(much, little, "4Gi")
	NewWithT(t).Expect(err).To(MatchError("no worker has room for a Pod that requests 4Gi of memory: " +
		"little has 1Gi of memory free for requests, much has 3Gi of memory free for requests"))
}
