package match

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/noteproof/noteproof/harness/probe"
)

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
