package match

import (
	"slices"

	"github.com/noteproof/noteproof/harness/probe"
)

// SignInAs matches Tokens of which there are some, each of which signs in as this user.
func SignInAs(user string) Described {
	return That("sign in as "+user, func(t probe.Tokens) bool { return allAre(t, probe.Bearer(user)) })
}

// BeTurnedAway matches Tokens of which there are some, none of which signs in: the answer to each is 401.
func BeTurnedAway() Described {
	return That("be turned away with 401", func(t probe.Tokens) bool { return allAre(t, "") })
}

// PrintNoToken matches Tokens of which there are none. That the command could not be run, or got no answer, is not this.
func PrintNoToken() Described {
	return That("print no token", func(t probe.Tokens) bool { return len(t.Bearers) == 0 })
}

func allAre(t probe.Tokens, who probe.Bearer) bool {
	other := func(b probe.Bearer) bool { return b != who }
	return len(t.Bearers) > 0 && !slices.ContainsFunc(t.Bearers, other)
}
