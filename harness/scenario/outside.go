package scenario

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/probe"
)

// Outside is a Shell on a machine that is on the nodes' network, is not part of the cluster and has no default route. A
// claim that looks from there needs claim.OutsideMachine.
func (s *S) Outside() probe.Shell {
	s.t.Helper()
	return probe.NewShell("from outside the cluster", s.outside().Run).WithLimit(s.run.Timeouts.Request)
}

// OutsideAddress is the address of the machine outside on the nodes' network.
func (s *S) OutsideAddress() string {
	s.t.Helper()
	return s.outside().Address
}

// RouteOutside gives the machine outside a route to one address by way of a node, and returns what takes it away again,
// which happens at the end of the scenario at the latest. The address must be the claim's own, such as that of one of its
// Pods or Services: other scenarios use the machine at the same time.
func (s *S) RouteOutside(address string, by Node) (remove func()) {
	s.t.Helper()
	ip, err := netip.ParseAddr(address)
	if err != nil {
		s.abort("the scenario is wrong: a route leads to an address: %v", err)
	}
	route := func(ctx context.Context, verb string) error {
		command := []string{"ip", "route", verb, netip.PrefixFrom(ip, ip.BitLen()).String(), "via", by.Address}
		out, err := s.outside().Run(ctx, command...)
		if err == nil && out.ExitCode != 0 {
			err = fmt.Errorf("%s: %s", strings.Join(command, " "), out)
		}
		return err
	}
	if err := route(s.ctx, "replace"); err != nil {
		s.abort("give the machine outside a route: %v", err)
	}
	once := sync.OnceValue(func() error {
		ctx, cancel := s.lateContext()
		defer cancel()
		return route(ctx, "del")
	})
	s.t.Cleanup(func() {
		if err := once(); err != nil {
			s.notCleaned(err)
		}
	})
	return func() {
		s.t.Helper()
		if err := once(); err != nil {
			s.abort("take the route of the machine outside away: %v", err)
		}
	}
}

func (s *S) outside() *cluster.Outside {
	s.t.Helper()
	if s.run.Outside == nil {
		s.abort("the scenario is wrong: its claim does not say that it needs %s", claim.OutsideMachine)
	}
	return s.run.Outside
}
