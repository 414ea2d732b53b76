package lab

import (
	"context"
	"errors"
	"io"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/breaks"
	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/suite"
)

// disturbedLab returns a lab whose suite has one break, whose Apply and undo return these errors, and one fault.
func disturbedLab(t *testing.T, applied, undone error) *Lab {
	t.Helper()
	l := labOf(t.TempDir())
	l.log = progress.New(io.Discard)
	l.cluster = &acquired{}
	l.suite.Breaks = []suite.Break{{
		Disturbance: breaks.Disturbance{Name: "no-thing", Does: "takes the thing away", Apply: func(context.Context, breaks.Cluster) (func(context.Context) error, error) {
			return func(context.Context) error { return undone }, applied
		}},
		Turns: l.suite.Scenarios[0].Points, Tolerates: map[*claim.Point]string{l.suite.Scenarios[0].Points[0]: "it may"}, Claims: "^label",
	}}
	l.suite.Faults = []suite.Fault{{Disturbance: breaks.Disturbance{Name: "trouble", Does: "troubles"}}}
	return l
}

func TestADisturbanceIsChosenByItsName(t *testing.T) {
	g := NewWithT(t)
	l := disturbedLab(t, nil, nil)
	l.settings.disturbed = "no-thing"
	g.Expect(l.chooseDisturbance()).To(Succeed())
	point := evidence.PointRef{Claim: "pod.x", Point: "it is so"}
	g.Expect(l.disturbance.record.Kind).To(Equal(evidence.Break))
	g.Expect(l.disturbance.record.Turns).To(Equal([]evidence.PointRef{point}))
	point.Why = "it may"
	g.Expect(l.disturbance.record.Tolerates).To(Equal([]evidence.PointRef{point}))
	g.Expect(l.chosen()).To(BeEmpty(), "the break is tried on other claims")

	l.settings.disturbed = "trouble"
	g.Expect(l.chooseDisturbance()).To(Succeed())
	g.Expect(l.disturbance.record.Kind).To(Equal(evidence.Fault))

	l.settings.disturbed = "nothing"
	g.Expect(l.chooseDisturbance()).To(MatchError(ContainSubstring("no such break or fault")))
	l.settings.disturbed, l.settings.kubeconfig = "trouble", "theirs.yaml"
	g.Expect(l.chooseDisturbance()).To(MatchError(ContainSubstring("only a cluster of noteproof's own is disturbed")))
}

func TestTheRecordContainsTheDisturbance(t *testing.T) {
	for name, c := range map[string]struct {
		applied, undone error
		failure         string
	}{
		"applied and undone": {nil, nil, ""},
		"cannot be applied":  {errors.New("no such flag"), nil, "no such flag"},
		"cannot be undone":   {nil, errors.New("still broken"), "still broken"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			l := disturbedLab(t, c.applied, c.undone)
			l.settings.disturbed = "no-thing"
			g.Expect(l.chooseDisturbance()).To(Succeed())
			g.Expect(l.begin(evidence.Environment{}, "v1.37.2", nil)).To(Succeed())
			errs := errors.Join(l.disturb(t.Context()), l.restore(), l.restore())
			record, err := evidence.Load(l.recorder.Path())
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(record.Disturbance.Failure).To(Equal(c.failure))
			g.Expect(record.Disturbance.Began.IsZero()).To(BeFalse())
			g.Expect(errs == nil).To(Equal(c.failure == ""))
			g.Expect(l.recorder.Path()).To(MatchRegexp(`/disturbed/no-thing/runs/v1\.37\.2/[^/]+/verdicts\.json$`))
		})
	}
}
