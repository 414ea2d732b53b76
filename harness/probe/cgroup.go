package probe

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// CPUWindow is what a container's cgroup counted during a time.
type CPUWindow struct {
	Cores     float64       // CPU time used, per second
	Periods   int64         // scheduling periods in which the container had a quota; 0 without a limit
	Throttled int64         // periods in which it had used up its quota
	Length    time.Duration // as measured inside the container
}

func (w CPUWindow) String() string {
	return fmt.Sprintf("%.4f cores over %.2f s, throttled in %d of %d periods", w.Cores, w.Length.Seconds(), w.Throttled, w.Periods)
}

// CPUUse is what was counted in consecutive windows.
type CPUUse []CPUWindow

func (u CPUUse) String() string {
	words := make([]string, len(u))
	for i, window := range u {
		words[i] = window.String()
	}
	return strings.Join(words, "; ")
}

// readCounters prints the uptime and the container's CPU counters before each of a number of windows and after the last. On
// cgroup v2 they are in one file, cpu.stat, with times in microseconds; on v1 in the files of two controllers, with times in
// nanoseconds (kernel documentation, admin-guide/cgroup-v2.rst and cgroup-v1/cpuacct.rst).
const readCounters = `
counters() {
  echo "uptime $(cat /proc/uptime)"
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    cat /sys/fs/cgroup/cpu.stat
  else
    echo "usage_nsec $(cat /sys/fs/cgroup/cpuacct/cpuacct.usage)"
    cat /sys/fs/cgroup/cpu/cpu.stat
  fi
}
counters; for window in $(seq "$0"); do sleep "$1"; echo again; counters; done`

// CPU measures how much CPU time the container uses in a number of consecutive windows of this length; the answer is a CPUUse.
func (s Shell) CPU(windows int, length time.Duration) Look {
	return look{fmt.Sprintf("CPU counters over %d windows of %s %s", windows, length, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", readCounters, strconv.Itoa(windows), strconv.Itoa(int(length.Seconds())))
		if err != nil {
			return nil, err
		}
		readings := strings.Split(out.Stdout, "again\n")
		if out.ExitCode != 0 || len(readings) != windows+1 {
			return nil, fmt.Errorf("read the CPU counters %s: %s", s.place, out)
		}
		return cpuUse(readings)
	}}
}

// cpuUse computes the usage between consecutive readings of the counters.
func cpuUse(readings []string) (CPUUse, error) {
	use := CPUUse{}
	for i := range len(readings) - 1 {
		window, err := cpuWindow(readCPUCounters(readings[i]), readCPUCounters(readings[i+1]))
		if err != nil {
			return nil, err
		}
		use = append(use, window)
	}
	return use, nil
}

// readCPUCounters parses lines with a name and a number. It ignores further numbers of a line.
func readCPUCounters(text string) map[string]float64 {
	counters := map[string]float64{}
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) >= 2 {
			if n, err := strconv.ParseFloat(words[1], 64); err == nil {
				counters[words[0]] = n
			}
		}
	}
	return counters
}

func cpuWindow(before, after map[string]float64) (CPUWindow, error) {
	grown := func(name string) float64 { return after[name] - before[name] }
	window := grown("uptime")
	used := grown("usage_usec") / 1e6
	if _, v1 := after["usage_nsec"]; v1 {
		used = grown("usage_nsec") / 1e9
	}
	if !(window > 0 && window <= math.MaxInt32 && used >= 0 && used <= math.MaxInt32) { // NaN is neither
		return CPUWindow{}, fmt.Errorf("the CPU counters do not grow: before %v, after %v", before, after)
	}
	return CPUWindow{
		Cores:     used / window,
		Periods:   int64(grown("nr_periods")),
		Throttled: int64(grown("nr_throttled")),
		Length:    time.Duration(window * float64(time.Second)),
	}, nil
}

// MemoryUse is the memory that a container's cgroup counts now.
type MemoryUse struct{ Bytes int64 }

func (u MemoryUse) String() string { return fmt.Sprintf("%.1f MiB in use", float64(u.Bytes)/(1<<20)) }

// readMemory prints the bytes charged to the container (kernel documentation: memory.current on cgroup v2,
// memory.usage_in_bytes on v1).
const readMemory = `cat /sys/fs/cgroup/memory.current 2>/dev/null || cat /sys/fs/cgroup/memory/memory.usage_in_bytes`

// Memory reads how much memory the container uses; the answer is a MemoryUse.
func (s Shell) Memory() Look {
	return look{"memory in use " + s.place, func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", readMemory)
		if err != nil {
			return nil, err
		}
		bytes, err := strconv.ParseInt(strings.TrimSpace(out.Stdout), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read the memory in use %s: %s", s.place, out)
		}
		return MemoryUse{bytes}, nil
	}}
}
