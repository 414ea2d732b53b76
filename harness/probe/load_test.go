package probe

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestLoadPerCPU(t *testing.T) {
	g := NewWithT(t)
	g.Expect(loadPerCPU("41.50 18.18 9.12 31/880 11206\n2\n")).To(BeNumerically("==", 20.75))
	for _, text := range []string{"", "0.20 0.18 0.12 1/80 11206\n", "0.20 0.18 0.12 1/80 11206\n0\n", "sh: nproc: not found"} {
		_, err := loadPerCPU(text)
		g.Expect(err).To(MatchError(ContainSubstring("read the load")), text)
	}
}
