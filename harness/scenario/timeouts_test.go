package scenario

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestAFactorDoesNotShortenWhatShowsAnAbsence(t *testing.T) {
	g := NewWithT(t)
	usual := DefaultTimeouts()
	short, long := usual.Scaled(0.5), usual.Scaled(2)
	g.Expect(short.Step).To(Equal(usual.Step / 2))
	g.Expect([]any{short.Arrive, short.Stay, short.NodeLoss}).To(Equal([]any{usual.Arrive, usual.Stay, usual.NodeLoss}))
	g.Expect([]any{long.Arrive, long.Stay, long.NodeLoss}).To(Equal([]any{2 * usual.Arrive, 2 * usual.Stay, 2 * usual.NodeLoss}))
}
