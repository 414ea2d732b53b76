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

// Outside returns a Shell on a machine that is on the nodes' network, is not part of the cluster and has no default route. A
// claim that uses it needs claim.OutsideMachine.
func (s *S) Outside() probe.Shell {
	s.t.Helper()
	return probe.NewShell("from outside the cluster", s.outside().Run).WithLimit(s.run.Timeouts.Request)
}

// OutsideAddress returns the address of the machine outside on the nodes' network.
func (s *S) OutsideAddress() string {
	s.t.Helper()
	return s.outside().Address
}

// RouteOutside adds a route to one address through a node on the machine outside, and returns a function that removes it. The
// route is removed at the end of the scenario at the latest. The address must belong to the claim, such as that of one of
// its Pods or Services, because other scenarios use the machine at the same time.
func (s *S) RouteOutside(address string, by Node) (remove func()) {
	s.t.Helper()
	ip, err := netip.ParseAddr(address)
	if err != nil {
		s.abort("the scenario is wrong: a route needs an IP address: %v", err)
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
		s.abort("add a route on the machine outside: %v", err)
	}
	once := sync.OnceValue(func() error {
		ctx, cancel := s.cleanupContext()
		defer cancel()
		return route(ctx, "del")
	})
	s.t.Cleanup(func() {
		if err := once(); err != nil {
			s.cleanupFailed(err)
		}
	})
	return func() {
		s.t.Helper()
		if err := once(); err != nil {
			s.abort("remove the route from the machine outside: %v", err)
		}
	}
}

func (s *S) outside() *cluster.Outside {
	s.t.Helper()
	s.mustNeed(claim.OutsideMachine)
	return s.run.Outside
}
