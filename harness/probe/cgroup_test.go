package probe

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestCPUUseOfBothCgroupVersions(t *testing.T) {
	for name, test := range map[string]struct{ before, after string }{
		"v1": {
			"uptime 100.00 190.00\nusage_nsec 5000000000\nnr_periods 10\nnr_throttled 4\nthrottled_time 7\n",
			"uptime 106.00 199.00\nusage_nsec 6200000000\nnr_periods 70\nnr_throttled 58\nthrottled_time 9\n",
		},
		"v2": {
			"uptime 100.00 190.00\nusage_usec 5000000\nuser_usec 1\nnr_periods 10\nnr_throttled 4\n",
			"uptime 106.00 199.00\nusage_usec 6200000\nuser_usec 2\nnr_periods 70\nnr_throttled 58\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			use, err := cpuUse(readCPUCounters(test.before), readCPUCounters(test.after))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(use.Cores).To(BeNumerically("~", 0.2, 1e-9))
			g.Expect([]int64{use.Periods, use.Throttled}).To(Equal([]int64{60, 54}))
			g.Expect(use.Window).To(Equal(6 * time.Second))
		})
	}
	_, err := cpuUse(readCPUCounters("uptime 5.0"), readCPUCounters("uptime 5.0"))
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("do not grow")))
}
