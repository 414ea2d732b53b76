package lab

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/suite"
)

func needing(id string, needs ...claim.Need) suite.Scenario {
	return suite.Scenario{ID: id, Needs: needs}
}

func TestThePluginIsInstalledAfterItsAbsenceWasSeen(t *testing.T) {
	scenarios := []suite.Scenario{
		needing("a.first-balanced", claim.LoadBalancer), needing("a.second-balanced", claim.OutsideMachine, claim.LoadBalancer),
		needing("a.plain"), needing("a.absent", claim.NoLoadBalancer), needing("a.other"),
	}
	for _, parallel := range []int{1, 2, 8} {
		for _, installs := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				order := runOrder(slices.Clone(scenarios), parallel, installs)
				seen := slices.Index(order, "a.absent")
				for _, id := range []string{"a.first-balanced", "a.second-balanced"} {
					if at := slices.Index(order, id); at < seen {
						t.Errorf("%d at once: %s ran before the plugin's absence was seen: %v", parallel, id, order)
					}
				}
				if len(order) != len(scenarios) {
					t.Errorf("%d at once: only %v ran", parallel, order)
				}
			})
		}
	}
}

// runOrder returns the order in which scenarios ran. The one that needs the plugin's absence ends only when no other scenario
// can continue.
func runOrder(scenarios []suite.Scenario, parallel int, installs bool) []string {
	l := New(suite.Suite{})
	l.settings.parallel = parallel
	close(l.ready)
	var mu sync.Mutex
	var order []string
	l.runInOrder(scenarios, func(s suite.Scenario, _ func()) {
		if s.Asks(claim.NoLoadBalancer) {
			synctest.Wait()
		}
		mu.Lock()
		order = append(order, s.ID)
		mu.Unlock()
		if s.Asks(claim.NoLoadBalancer) && installs {
			l.balancer.allow()
		}
	})
	return order
}

func TestScenariosDoNotWaitForAClaimThatWasNotChosen(t *testing.T) {
	l := New(suite.Suite{})
	ran := 0
	l.runInOrder([]suite.Scenario{needing("a.balanced", claim.LoadBalancer)}, func(suite.Scenario, func()) { ran++ })
	if ran != 1 {
		t.Errorf("%d ran, want 1", ran)
	}
}
