package scenarios

import (
	. "github.com/onsi/gomega"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/scenario"
)

// knows decides a point by whether the API server stores a field of an object of the manifest, and returns whether it does. A field
// that the API server drops, or for which it refuses the object, has no effect that could be looked at.
func knows(s *scenario.S, point scenario.Point, object, field string) bool {
	point.Expect(s.Stored(object, field)).Decides(BeStored(), Not(BeStored()))
	return s.Stores(object, field)
}
