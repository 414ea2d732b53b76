package lab

import (
	"errors"
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/kubernetes/fake"
)

func TestAScenarioWaitsOnABusyMachineWhileOthersRun(t *testing.T) {
	for name, c := range map[string]struct {
		others        int
		threadsPerCPU float64
		asked         int // how often the threads are counted
	}{
		"few others":           {others: minParallel - 1, threadsPerCPU: busyThreadsPerCPU + 1, asked: 0},
		"not busy":             {others: minParallel, threadsPerCPU: busyThreadsPerCPU, asked: 1},
		"busy until three end": {others: minParallel + 2, threadsPerCPU: busyThreadsPerCPU + 1, asked: 3},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			awaitCapacity(func() int { return c.others - asked }, func() float64 {
				asked++
				return c.threadsPerCPU
			}, time.Millisecond)
			NewWithT(t).Expect(asked).To(Equal(c.asked))
		})
	}
}

func TestTheMonitorCountsThreads(t *testing.T) {
	g := NewWithT(t)
	m, start := newMonitor(fake.NewClientset()), time.Now().Add(-averageOver/2)
	m.countThreads(start) // nothing is known
	g.Expect(m.threadsPerCPU(start, start)).To(BeZero())
	g.Expect((*monitor)(nil).threadsPerCPUNow()).To(BeZero())

	for i, each := range []int{100, 2, 4} {
		m.threads = func() (int, error) { return each * runtime.NumCPU(), nil }
		m.countThreads(start.Add(time.Duration(i-1) * 2 * averageOver))
	}
	m.threads = func() (int, error) { return 0, errors.New("no /proc/loadavg") }
	m.countThreads(start)
	g.Expect(m.threadsPerCPUNow()).To(Equal(2.0), "of the last seconds")
	g.Expect(m.threadsPerCPU(start, start.Add(2*averageOver))).To(Equal(3.0), "of all between two times")
	g.Expect(m.threadsPerCPU(start.Add(averageOver), start.Add(averageOver))).To(Equal(2.0), "of the seconds before a moment")
}

func TestReadRunnable(t *testing.T) {
	g := NewWithT(t)
	g.Expect(readRunnable("61.65 55.72 38.36 39/864 30722\n")).To(Equal(39))
	_, err := readRunnable("61.65 55.72")
	g.Expect(err).To(MatchError(ContainSubstring(`"61.65 55.72"`)))
}
