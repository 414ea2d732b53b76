package scenario

import (
	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/probe"
)

// ControlPlane returns a Shell on the control plane, where kubectl has the administrator's rights. A claim that uses it needs
// claim.NodeAccess.
func (s *S) ControlPlane() probe.Shell {
	s.t.Helper()
	s.mustNeed(claim.NodeAccess)
	return probe.NewShell("on the control plane", s.run.Cluster.OnControlPlane)
}

// Tokens runs a command line on the control plane and authenticates with each token that it prints.
func (s *S) Tokens(line string) probe.Look { return s.cluster.TokensOf(s.ControlPlane(), line) }
