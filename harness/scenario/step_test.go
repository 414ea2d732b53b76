package scenario

import (
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/noteproof/noteproof/harness/claim"
)

func TestAClusterThatIsOtherwiseThanAssumed(t *testing.T) {
	for name, c := range map[string]struct {
		adopted bool
		body    func(*S)
		want    claim.Verdict
		reason  string
	}{
		"as assumed": {true, func(s *S) {
			s.Assume(sees(1)).Should(Equal(1))
			backed(s, runs).Expect(sees(3)).Decides(Equal(3), Equal(4))
			backed(s, flies).Expect(sees(4)).Decides(Equal(3), Equal(4))
		}, claim.InPart, ""},
		"on somebody else's cluster": {true, func(s *S) { s.Assume(sees(2)).Should(Equal(1)) }, claim.NotRun, "this cluster cannot show it: the values"},
		"on a cluster of our own":    {false, func(s *S) { s.Assume(sees(2)).Should(Equal(1)) }, claim.Inconclusive, "the values"},
		"when it cannot be asked":    {true, func(s *S) { s.Assume(sees(errAway)).Should(Equal(1)) }, claim.Inconclusive, "away"},
		"after a point was decided": {true, func(s *S) {
			backed(s, runs).Expect(sees(4)).Decides(Equal(3), Equal(4))
			s.Assume(sees(2)).Should(Equal(1))
		}, claim.Inconclusive, "it runs"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			entry := play(t, func(r *Run) { r.Adopted = c.adopted }, c.body)
			g.Expect(entry.Verdict).To(Equal(c.want))
			g.Expect(entry.Reason).To(ContainSubstring(c.reason))
		})
	}
}

func TestWhatAnAccountMayNotDoDoesNotFailTheRun(t *testing.T) {
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "nodes"}, "", nil)
	for name, body := range map[string]func(*S){
		"a step":     func(s *S) { s.Expect(sees(forbidden)).Should(Equal(1)) },
		"a contrast": func(s *S) { s.Contrast("it walks").Expect(sees(forbidden)).Should(Equal(1)) },
		"a point":    func(s *S) { backed(s, runs).Expect(sees(forbidden)).Decides(Equal(1), Equal(2)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each is tried again for a moment
			g := NewWithT(t)
			entry := play(t, func(r *Run) { r.Adopted = true }, body)
			g.Expect(entry.Verdict).To(Equal(claim.NotRun))
			g.Expect(entry.Reason).To(ContainSubstring("nodes is forbidden"))
			g.Expect(entry.t.failed).To(BeFalse())
		})
	}
}
