package lab

import (
	"bytes"
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
	// sampleEvery and samples are how the number of threads is averaged: it changes from one moment to the next.
	sampleEvery = 100 * time.Millisecond
	samples     = 10
)

// awaitRoom returns when a scenario can be started: at most a few others run, or the machine is not crowded. Where the
// number of threads is not known, it returns at once.
func awaitRoom(others func() int, wanting func() (threads int, err error)) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for others() >= fewest {
		sum := 0
		for range samples {
			n, err := wanting()
			if err != nil {
				return
			}
			sum += n
			<-tick.C
		}
		if sum <= samples*crowdedFrom*runtime.NumCPU() {
			return
		}
	}
}

// runnable is how many threads of this machine run or want to (proc_loadavg(5)).
func runnable() (int, error) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, err
	}
	var load float64
	var threads int
	if _, err := fmt.Fscanf(bytes.NewReader(text), "%f %f %f %d/", &load, &load, &load, &threads); err != nil {
		return 0, fmt.Errorf("read /proc/loadavg: %w", err)
	}
	return threads, nil
}
