package lab

import (
	"errors"
	"runtime"
	"testing"

	. "github.com/onsi/gomega"
)

func TestAScenarioWaitsOnACrowdedMachineWhileOthersRun(t *testing.T) {
	crowd := crowdedFrom*runtime.NumCPU() + 1
	for name, c := range map[string]struct {
		others int
		crowd  int
		err    error
		asked  int // how often the threads are counted
	}{
		"few others":            {others: fewest - 1, crowd: crowd, asked: 0},
		"not crowded":           {others: fewest, crowd: crowd - 1, asked: samples},
		"nothing is known":      {others: fewest, err: errors.New("no /proc/loadavg"), asked: 1},
		"crowded until two end": {others: fewest + 1, crowd: crowd, asked: 2 * samples},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			awaitRoom(func() int { return c.others - asked/samples }, func() (int, error) {
				asked++
				return c.crowd, c.err
			})
			NewWithT(t).Expect(asked).To(Equal(c.asked))
		})
	}
}

func TestRunnable(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc/loadavg")
	}
	g := NewWithT(t)
	threads, err := runnable()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(threads).To(BeNumerically(">=", 1)) // this one
}
