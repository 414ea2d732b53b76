package lab

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

const (
	// fewest is how many scenarios run at once on a machine however busy it is.
	fewest = 3
	// crowdedFrom is how many threads for each processor want to run when a machine counts as crowded. One more scenario
	// would then only make all of them slower, and Pods take minutes to be ready.
	crowdedFrom = 8
	// lately is over how long the number of threads is averaged at least: it changes from one moment to the next.
	lately = 5 * time.Second
)

// awaitRoom returns when a scenario can be started: few others run, or no more than crowdedFrom threads want each processor.
func awaitRoom(others func() int, crowd func() float64, pause time.Duration) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for others() >= fewest && crowd() > crowdedFrom {
		<-tick.C
	}
}

// threadCount is how many threads wanted to run on the machine.
type threadCount struct {
	at      time.Time
	threads int
}

// count notes how many threads want to run.
func (m *monitor) count(now time.Time) {
	if m.threads == nil {
		return
	}
	threads, err := m.threads()
	if err != nil {
		return // not on Linux
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts = append(m.counts, threadCount{now, threads})
}

// crowdNow is how many threads want each processor; 0 when nothing is known. The receiver may be nil.
func (m *monitor) crowdNow() float64 {
	now := time.Now()
	return m.crowd(now, now)
}

// crowd is how many threads wanted each processor between two times, and for a while before the second one, on average; 0
// when nothing is known. The receiver may be nil.
func (m *monitor) crowd(from, to time.Time) float64 {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if since := to.Add(-lately); since.Before(from) {
		from = since
	}
	sum, n := 0, 0
	for _, c := range m.counts {
		if !c.at.Before(from) && !c.at.After(to) {
			sum, n = sum+c.threads, n+1
		}
	}
	return float64(sum) / float64(max(n, 1)*runtime.NumCPU())
}

// runnable is how many threads of this machine run or want to.
func runnable() (int, error) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, err
	}
	return readRunnable(string(text))
}

// readRunnable reads the number from /proc/loadavg (proc_loadavg(5)): "0.20 0.18 0.12 1/80 11206".
func readRunnable(text string) (int, error) {
	var load float64
	var threads int
	if _, err := fmt.Sscanf(text, "%f %f %f %d/", &load, &load, &load, &threads); err != nil {
		return 0, fmt.Errorf("read /proc/loadavg: %w: %q", err, text)
	}
	return threads, nil
}
