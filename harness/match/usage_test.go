package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestMatchersOnCPUUse(t *testing.T) {
	held := probe.CPUWindow{Cores: 0.21, Periods: 60, Throttled: 38}
	for name, test := range map[string]struct {
		use        probe.CPUUse
		held, more bool
	}{
		"held":                {probe.CPUUse{held, held}, true, false},
		"not in all":          {probe.CPUUse{held, {Cores: 0.3, Periods: 60, Throttled: 60}}, false, false},
		"more":                {probe.CPUUse{{Cores: 0.3, Periods: 60, Throttled: 60}, {Cores: 1}}, false, true},
		"a busy machine":      {probe.CPUUse{{Cores: 0.2, Periods: 60, Throttled: 20}}, false, false},
		"less":                {probe.CPUUse{{Cores: 0.17, Periods: 60, Throttled: 60}}, false, false},
		"without a limit":     {probe.CPUUse{{Cores: 0.2}}, false, false},
		"nothing was counted": {probe.CPUUse{}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			held, err := BeHeldAt(0.2).Match(test.use)
			g.Expect(err).NotTo(HaveOccurred())
			more, err := UseMoreThan(0.25).Match(test.use)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect([]bool{held, more}).To(Equal([]bool{test.held, test.more}))
		})
	}
}

func TestHoldBetween(t *testing.T) {
	NewWithT(t).Expect(probe.MemoryUse{Bytes: 32 << 20}).To(And(HoldBetween("16Mi", "128Mi"), Not(HoldBetween("64Mi", "128Mi"))))
}

func TestMatchersOnMemoryFate(t *testing.T) {
	ended := func(code int32, reason string) *corev1.ContainerStateTerminated {
		return &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason}
	}
	for name, test := range map[string]struct {
		fate         probe.MemoryFate
		killed, live bool
	}{
		"OOMKilled":                        {probe.MemoryFate{Ended: ended(137, "OOMKilled")}, true, false},
		"an Error that the kernel counted": {probe.MemoryFate{Ended: ended(137, "Error"), KernelKills: 1}, true, false},
		"killed for another reason":        {probe.MemoryFate{Ended: ended(137, "Error")}, false, false},
		"ended by itself":                  {probe.MemoryFate{Ended: ended(1, "Error"), KernelKills: 1}, false, false},
		"lives with more":                  {probe.MemoryFate{Holds: probe.MemoryUse{Bytes: 129 << 20}}, false, true},
		"lives with less":                  {probe.MemoryFate{Holds: probe.MemoryUse{Bytes: 128 << 20}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			killed, err := BeKilledForMemory().Match(test.fate)
			g.Expect(err).NotTo(HaveOccurred())
			live, err := LiveWithMoreThan("128Mi").Match(test.fate)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect([]bool{killed, live}).To(Equal([]bool{test.killed, test.live}))
		})
	}
}

func TestBeLessThan(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.FreeMemory(1<<30 - 1)).To(BeLessThan("1Gi"))
	g.Expect(probe.FreeMemory(-1)).To(BeLessThan("1Gi"))
	g.Expect(probe.FreeMemory(1 << 30)).NotTo(BeLessThan("1Gi"))
}
