package probe

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// CPUQuota is how many cores the kernel lets a container use at most; 0 without a limit.
type CPUQuota float64

func (q CPUQuota) String() string {
	if q == 0 {
		return "no CPU quota"
	}
	return fmt.Sprintf("a CPU quota of %.3g cores", float64(q))
}

// readQuota prints the container's CPU quota and the period that it is for, in microseconds (kernel documentation,
// admin-guide/cgroup-v2.rst, cpu.max, and scheduler/sched-bwc.rst).
const readQuota = `
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  cat /sys/fs/cgroup/cpu.max
else
  echo "$(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us) $(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us)"
fi`

// CPUQuota looks at the CPU quota of the container's cgroup; the answer is a CPUQuota.
func (s Shell) CPUQuota() Look {
	return look{"the CPU quota " + s.place, func(ctx context.Context) (any, error) {
		out, err := s.Run(ctx, "sh", "-c", readQuota)
		if err != nil {
			return nil, err
		}
		quota, err := parseQuota(out.Stdout)
		if out.ExitCode != 0 || err != nil {
			return nil, fmt.Errorf("read the CPU quota %s: %s", s.place, out)
		}
		return quota, nil
	}}
}

// parseQuota parses a quota and its period: "20000 100000". No quota is "max" in cgroup v2, and -1 in v1.
func parseQuota(text string) (CPUQuota, error) {
	words := strings.Fields(text)
	if len(words) != 2 {
		return 0, fmt.Errorf("want a quota and a period, not %q", text)
	}
	if words[0] == "max" || words[0] == "-1" {
		return 0, nil
	}
	quota, err := strconv.ParseUint(words[0], 10, 63) // in microseconds, like the period
	if err != nil {
		return 0, err
	}
	period, err := strconv.ParseUint(words[1], 10, 63)
	if err != nil || period == 0 {
		return 0, fmt.Errorf("the period of the quota is %q", words[1])
	}
	return CPUQuota(float64(quota) / float64(period)), nil
}
