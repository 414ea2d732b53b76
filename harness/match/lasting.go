package match

import "github.com/onsi/gomega/types"

// Lasting returns an answer that each look of the whole window must show: that something is absent, or stays as it is.
func Lasting(matcher types.GomegaMatcher) types.GomegaMatcher { return LastingAnswer{matcher} }

// LastingAnswer is the type of the answer that Lasting returns.
type LastingAnswer struct{ types.GomegaMatcher }
