package match

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeHeldAt matches a CPUUse that the kernel held within a tenth of so many cores in each of its windows: the container was
// throttled in more than a third of the periods. Use that is low because the machine is busy is not held.
func BeHeldAt(cores float64) Described {
	return inEachWindow(fmt.Sprintf("be held at %.3g cores, give or take a tenth, by throttling, in each window", cores), func(w probe.CPUWindow) bool {
		return w.Cores >= 0.9*cores && w.Cores <= 1.1*cores && 3*w.Throttled > w.Periods
	})
}

// UseMoreThan matches a CPUUse of more than so many cores in each of its windows.
func UseMoreThan(cores float64) Described {
	return inEachWindow(fmt.Sprintf("use more than %.3g cores in each window", cores), func(w probe.CPUWindow) bool { return w.Cores > cores })
}

func inEachWindow(wants string, so func(probe.CPUWindow) bool) Described {
	return That(wants, func(use probe.CPUUse) bool {
		return len(use) > 0 && !slices.ContainsFunc(use, func(w probe.CPUWindow) bool { return !so(w) })
	})
}

// HoldBetween matches a MemoryUse between two quantities, such as "16Mi". It panics on a malformed one: they are
// written in source, where a slip should be found at once.
func HoldBetween(low, high string) Described {
	from, to := resource.MustParse(low), resource.MustParse(high)
	return That(fmt.Sprintf("hold between %s and %s", low, high), func(u probe.MemoryUse) bool {
		return u.Bytes > from.Value() && u.Bytes < to.Value()
	})
}

// BeKilledForMemory matches a MemoryFate of a container that the kernel has killed for lack of memory: it ended with exit
// code 137, and either the container runtime says OOMKilled, or the kernel has counted such a kill in the meantime.
func BeKilledForMemory() Described {
	return That("be killed by the kernel for lack of memory", func(f probe.MemoryFate) bool {
		return f.Ended != nil && f.Ended.ExitCode == killed && (f.Ended.Reason == "OOMKilled" || f.KernelKills > 0)
	})
}

// LiveWithMoreThan matches a MemoryFate of a container that has never ended and holds more than a quantity, such as "128Mi".
func LiveWithMoreThan(quantity string) Described {
	limit := resource.MustParse(quantity)
	return That(fmt.Sprintf("live with more than %s", quantity), func(f probe.MemoryFate) bool {
		return f.Ended == nil && f.Holds.Bytes > limit.Value()
	})
}

// BeLessThan matches a FreeMemory below a quantity, such as "2Gi". It panics on a malformed one: they are written in
// source, where a slip should be found at once.
func BeLessThan(quantity string) Described {
	most := resource.MustParse(quantity)
	return That("be less than "+quantity, func(f probe.FreeMemory) bool { return int64(f) < most.Value() })
}
