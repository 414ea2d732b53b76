package scenario

import (
	"context"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/noteproof/noteproof/harness/probe"
)

// EventuallyAfterNodeLoss is Eventually with the deadline of what follows from the death of a node.
func (u Subject) EventuallyAfterNodeLoss(look probe.Look) Comparison {
	return Comparison{u, look, true, func(g gomega.Gomega, ask any, p patience) types.AsyncAssertion {
		return g.Eventually(u.s.ctx, ask).WithTimeout(p.nodeLoss).WithPolling(p.poll)
	}}
}

// StopNode stops a worker at once, as a machine that loses its power. When the scenario ends the node is started again
// and the cluster is waited for until it is whole; the claim is inconclusive when it does not become so. A claim that
// stops nodes needs claim.BreakNodes and runs alone.
func (s *S) StopNode(name string) {
	s.t.Helper()
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), s.lab.settings.patience.nodeLoss)
		defer cancel()
		if err := s.lab.cluster.StartNode(ctx, name); err != nil {
			s.blind("the cluster is not whole again: %v", err)
			s.t.Errorf("%s: clean up: %v", s.scenario.ID, err)
		}
	})
	if err := s.lab.cluster.StopNode(s.ctx, name); err != nil {
		s.abort("%v", err)
	}
}
