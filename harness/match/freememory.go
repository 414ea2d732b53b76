package match

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/noteproof/noteproof/harness/probe"
)

// BeLessThan matches a FreeMemory below a quantity, such as "2Gi". It panics on a malformed one: they are written in
// source, where a slip should be found at once.
func BeLessThan(quantity string) Described {
	most := resource.MustParse(quantity)
	return that("be less than "+quantity, func(f probe.FreeMemory) bool { return int64(f) < most.Value() })
}
