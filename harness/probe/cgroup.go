package probe

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// CPUUse is what a container's own cgroup counted over a window.
type CPUUse struct {
	Cores     float64       // processor time used, per second
	Periods   int64         // scheduling periods in which the container was under a quota; 0 without a limit
	Throttled int64         // those in which it had used its quota up
	Window    time.Duration // as measured inside the container
}

func (u CPUUse) String() string {
	return fmt.Sprintf("%.4f cores over %.2f s, throttled in %d of %d periods", u.Cores, u.Window.Seconds(), u.Throttled, u.Periods)
}

// readCounters prints the uptime and the container's CPU counters, twice with the window between. On cgroup v2 they
// stand in one file, cpu.stat, times in microseconds; on v1 in two controllers' files, times in nanoseconds
// (kernel documentation, admin-guide/cgroup-v2.rst and cgroup-v1/cpuacct.rst).
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
counters; sleep "$0"; echo again; counters`

// CPU measures over the window how much processor time the container uses; the answer is a CPUUse.
func (s Shell) CPU(window time.Duration) Look {
	return look{fmt.Sprintf("CPU counters over %s %s", window, s.place), func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", readCounters, strconv.Itoa(int(window.Seconds())))
		if err != nil {
			return nil, err
		}
		before, after, both := strings.Cut(out.Stdout, "again\n")
		if out.ExitCode != 0 || !both {
			return nil, fmt.Errorf("read the CPU counters %s: %s", s.place, out)
		}
		return cpuUse(readCPUCounters(before), readCPUCounters(after))
	}}
}

// readCPUCounters reads lines of a name and a number; of more numbers the first counts.
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

func cpuUse(before, after map[string]float64) (CPUUse, error) {
	grown := func(name string) float64 { return after[name] - before[name] }
	window := grown("uptime")
	used := grown("usage_usec") / 1e6
	if _, v1 := after["usage_nsec"]; v1 {
		used = grown("usage_nsec") / 1e9
	}
	if window <= 0 || used < 0 {
		return CPUUse{}, fmt.Errorf("the CPU counters do not grow: before %v, after %v", before, after)
	}
	return CPUUse{
		Cores:     used / window,
		Periods:   int64(grown("nr_periods")),
		Throttled: int64(grown("nr_throttled")),
		Window:    time.Duration(window * float64(time.Second)),
	}, nil
}

// MemoryUse is what a container's own cgroup counts now.
type MemoryUse struct{ Bytes int64 }

func (u MemoryUse) String() string { return fmt.Sprintf("%.1f MiB in use", float64(u.Bytes)/(1<<20)) }

// readMemory prints the bytes charged to the container (kernel documentation: memory.current on cgroup v2,
// memory.usage_in_bytes on v1).
const readMemory = `cat /sys/fs/cgroup/memory.current 2>/dev/null || cat /sys/fs/cgroup/memory/memory.usage_in_bytes`

// Memory reads how much memory the container holds; the answer is a MemoryUse.
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
