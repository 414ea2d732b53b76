package lab

import (
	"errors"
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/kubernetes/fake"
)

func TestAScenarioWaitsOnACrowdedMachineWhileOthersRun(t *testing.T) {
	for name, c := range map[string]struct {
		others int
		crowd  float64
		asked  int // how often the threads are counted
	}{
		"few others":              {others: fewest - 1, crowd: crowdedFrom + 1, asked: 0},
		"not crowded":             {others: fewest, crowd: crowdedFrom, asked: 1},
		"crowded until three end": {others: fewest + 2, crowd: crowdedFrom + 1, asked: 3},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			awaitRoom(func() int { return c.others - asked }, func() float64 {
				asked++
				return c.crowd
			}, time.Millisecond)
			NewWithT(t).Expect(asked).To(Equal(c.asked))
		})
	}
}

func TestTheMonitorCountsThreads(t *testing.T) {
	g := NewWithT(t)
	m, start := newMonitor(fake.NewClientset()), time.Now().Add(-lately/2)
	m.count(start) // nothing is known
	g.Expect(m.crowd(start, start)).To(BeZero())
	g.Expect((*monitor)(nil).crowdNow()).To(BeZero())

	for i, each := range []int{100, 2, 4} {
		m.threads = func() (int, error) { return each * runtime.NumCPU(), nil }
		m.count(start.Add(time.Duration(i-1) * 2 * lately))
	}
	m.threads = func() (int, error) { return 0, errors.New("no /proc/loadavg") }
	m.count(start)
	g.Expect(m.crowdNow()).To(Equal(2.0), "of the last seconds")
	g.Expect(m.crowd(start, start.Add(2*lately))).To(Equal(3.0), "of all between two times")
	g.Expect(m.crowd(start.Add(lately), start.Add(lately))).To(Equal(2.0), "of the seconds before a moment")
}

func TestReadRunnable(t *testing.T) {
	g := NewWithT(t)
	g.Expect(readRunnable("61.65 55.72 38.36 39/864 30722\n")).To(Equal(39))
	_, err := readRunnable("61.65 55.72")
	g.Expect(err).To(MatchError(ContainSubstring(`"61.65 55.72"`)))
}
