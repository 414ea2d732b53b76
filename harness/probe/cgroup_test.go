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

func TestCurlAnswerTellsNoFromCannotAsk(t *testing.T) {
	for name, test := range map[string]struct {
		out  Output
		want Answer
		err  string
	}{
		"answered":       {Output{Stdout: "web-1\n\n200"}, Answer{Status: 200, Body: "web-1"}, ""},
		"an error page":  {Output{Stdout: "no\n503"}, Answer{Status: 503, Body: "no"}, ""},
		"refused":        {Output{ExitCode: 7, Stdout: "\n000", Stderr: "* connect to 127.0.0.1 port 8080 failed: Connection refused"}, Answer{Why: "connection refused"}, ""},
		"timed out":      {Output{ExitCode: 28, Stdout: "\n000"}, Answer{Why: "timed out"}, ""},
		"no route":       {Output{ExitCode: 7, Stdout: "\n000", Stderr: "* Immediate connect fail for 10.244.1.2: Network is unreachable"}, Answer{Why: "no route"}, ""},
		"cut off":        {Output{ExitCode: 52, Stdout: "\n000", Stderr: "* Connected\n* Empty reply from server\n"}, Answer{Why: "Empty reply from server"}, ""},
		"unknown host":   {Output{ExitCode: 6, Stdout: "\n000", Stderr: "* Could not resolve host: web"}, Answer{}, "curl could not ask"},
		"malformed URL":  {Output{ExitCode: 3, Stdout: "\n000"}, Answer{}, "curl could not ask"},
		"killed by OOM":  {Output{ExitCode: 137}, Answer{}, "curl could not ask"},
		"says 0 quietly": {Output{ExitCode: 0, Stdout: ""}, Answer{}, "curl could not ask"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := CurlAnswer(test.out)
			if test.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(test.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(test.want))
		})
	}
}
