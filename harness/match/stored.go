package match

import "github.com/noteproof/noteproof/harness/probe"

// BeStored matches a Stored field that the API server would store. It does not match a field that the API server drops or for
// which it refuses the object.
func BeStored() Described {
	return That("be stored", func(s probe.Stored) bool { return s.Refusal.Status == 0 && s.Value != "" })
}
