package match_test

import (
	"testing"

	. "github.com/onsi/gomega"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestBeLessThan(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.FreeMemory(1<<30 - 1)).To(BeLessThan("1Gi"))
	g.Expect(probe.FreeMemory(-1)).To(BeLessThan("1Gi"))
	g.Expect(probe.FreeMemory(1 << 30)).NotTo(BeLessThan("1Gi"))
}
