package match

import (
	"fmt"
	"math"
	"slices"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeHeldAt matches a CPUUse that is within a tenth of this number of cores in each of its windows because of throttling: the
// container was throttled in more than a third of the periods. Usage that is low because the machine is busy does not match.
func BeHeldAt(cores float64) Described {
	return inEachWindow(fmt.Sprintf("be held at %.3g cores, give or take a tenth, by throttling, in each window", cores), func(w probe.CPUWindow) bool {
		return w.Cores >= 0.9*cores && w.Cores <= 1.1*cores && 3*w.Throttled > w.Periods
	})
}

// UseMoreThan matches a CPUUse of more than this number of cores in each of its windows.
func UseMoreThan(cores float64) Described {
	return inEachWindow(fmt.Sprintf("use more than %.3g cores in each window", cores), func(w probe.CPUWindow) bool { return w.Cores > cores })
}

func inEachWindow(wants string, so func(probe.CPUWindow) bool) Described {
	return That(wants, func(use probe.CPUUse) bool {
		return len(use) > 0 && !slices.ContainsFunc(use, func(w probe.CPUWindow) bool { return !so(w) })
	})
}

// HaveCPUQuota matches a CPUQuota of this number of cores, give or take a hundredth.
func HaveCPUQuota(cores float64) Described {
	return That(fmt.Sprintf("have a CPU quota of %.3g cores", cores), func(q probe.CPUQuota) bool {
		return math.Abs(float64(q)-cores) < 0.01
	})
}
