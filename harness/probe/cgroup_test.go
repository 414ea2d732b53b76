package probe

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestCPUUseOfBothCgroupVersions(t *testing.T) {
	for name, test := range map[string]struct{ before, after, later string }{
		"v1": {
			"uptime 100.00 190.00\nusage_nsec 5000000000\nnr_periods 10\nnr_throttled 4\nthrottled_time 7\n",
			"uptime 106.00 199.00\nusage_nsec 6200000000\nnr_periods 70\nnr_throttled 58\nthrottled_time 9\n",
			"uptime 108.00 200.00\nusage_nsec 6400000000\nnr_periods 90\nnr_throttled 70\n",
		},
		"v2": {
			"uptime 100.00 190.00\nusage_usec 5000000\nuser_usec 1\nnr_periods 10\nnr_throttled 4\n",
			"uptime 106.00 199.00\nusage_usec 6200000\nuser_usec 2\nnr_periods 70\nnr_throttled 58\n",
			"uptime 108.00 200.00\nusage_usec 6400000\nnr_periods 90\nnr_throttled 70\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			use, err := cpuUse([]string{test.before, test.after, test.later})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(use).To(HaveLen(2))
			g.Expect(use[0].Cores).To(BeNumerically("~", 0.2, 1e-9))
			g.Expect([]int64{use[0].Periods, use[0].Throttled}).To(Equal([]int64{60, 54}))
			g.Expect(use[0].Length).To(Equal(6 * time.Second))
			g.Expect(use[1].Cores).To(BeNumerically("~", 0.1, 1e-9))
		})
	}
	_, err := cpuUse([]string{"uptime 5.0", "uptime 5.0"})
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("do not grow")))
}
