package match

import (
	"slices"

	"github.com/noteproof/noteproof/harness/probe"
)

// SignInAs matches at least one token, if the API server authenticates each as this user.
func SignInAs(user string) Described {
	return That("sign in as "+user, func(t probe.Tokens) bool { return allAre(t, probe.Bearer(user)) })
}

// BeTurnedAway matches at least one token, if the API server's answer to each is 401.
func BeTurnedAway() Described {
	return That("be turned away with 401", func(t probe.Tokens) bool { return allAre(t, "") })
}

// PrintNoToken matches Tokens without a token. If the command could not be run or got no answer, the look fails instead.
func PrintNoToken() Described {
	return That("print no token", func(t probe.Tokens) bool { return len(t.Bearers) == 0 })
}

func allAre(t probe.Tokens, who probe.Bearer) bool {
	other := func(b probe.Bearer) bool { return b != who }
	return len(t.Bearers) > 0 && !slices.ContainsFunc(t.Bearers, other)
}
