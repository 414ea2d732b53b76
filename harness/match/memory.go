package match

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/noteproof/noteproof/harness/probe"
)

// HoldBetween matches a MemoryUse between two quantities, such as "16Mi". It panics if a quantity is invalid.
func HoldBetween(low, high string) Described {
	from, to := resource.MustParse(low), resource.MustParse(high)
	return That(fmt.Sprintf("hold between %s and %s", low, high), func(u probe.MemoryUse) bool {
		return u.Bytes > from.Value() && u.Bytes < to.Value()
	})
}

// killed is 128 + 9, the exit code of a process that received SIGKILL, which the kernel's OOM killer sends.
const killed = 137

// BeKilledForMemory matches a MemoryFate of a container that the kernel has killed for lack of memory: it ended with exit code
// 137, and either the container runtime reports OOMKilled, or the kernel has counted an OOM kill since the container started.
// The latter count includes OOM kills of other processes on the machine, so a scenario must not have other containers killed
// meanwhile (see Pods.MemoryFate in package probe).
func BeKilledForMemory() Described {
	return That("be killed by the kernel for lack of memory", func(f probe.MemoryFate) bool {
		return f.Ended != nil && f.Ended.ExitCode == killed && (f.Ended.Reason == "OOMKilled" || f.KernelKills > 0)
	})
}

// LiveWithMoreThan matches a MemoryFate of a container that has never ended and uses more memory than a quantity, such as
// "128Mi". It panics if the quantity is invalid.
func LiveWithMoreThan(quantity string) Described {
	limit := resource.MustParse(quantity)
	return That(fmt.Sprintf("live with more than %s", quantity), func(f probe.MemoryFate) bool {
		return f.Ended == nil && f.Holds.Bytes > limit.Value()
	})
}

// BeLessThan matches a FreeMemory below a quantity, such as "2Gi". It panics if the quantity is invalid.
func BeLessThan(quantity string) Described {
	most := resource.MustParse(quantity)
	return That("be less than "+quantity, func(f probe.FreeMemory) bool { return int64(f) < most.Value() })
}
