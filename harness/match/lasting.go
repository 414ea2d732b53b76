package match

import "github.com/onsi/gomega/types"

// Lasting makes an answer one that each look of the whole window must show: that something is absent, or stays as it is.
func Lasting(matcher types.GomegaMatcher) types.GomegaMatcher { return LastingAnswer{matcher} }

// LastingAnswer is what Lasting returns.
type LastingAnswer struct{ types.GomegaMatcher }
