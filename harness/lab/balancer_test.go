package lab

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/noteproof/noteproof/harness/claim"
)

func needing(id string, needs ...claim.Need) Scenario {
	return Scenario{Claim: claim.Claim{ID: id, Needs: needs}}
}

func TestPluginComesAfterItsAbsenceWasSeen(t *testing.T) {
	scenarios := []Scenario{
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

// runOrder tells in which order scenarios were proven. The one that needs the plugin's absence is done only when none of
// the others can go on.
func runOrder(scenarios []Scenario, parallel int, installs bool) []string {
	l := NewLab(Suite{})
	l.settings.parallel = parallel
	var mu sync.Mutex
	var order []string
	l.runTogether(scenarios, func(one Scenario) {
		if one.needs(claim.NoLoadBalancer) {
			synctest.Wait()
		}
		mu.Lock()
		order = append(order, one.ID)
		mu.Unlock()
		if one.needs(claim.NoLoadBalancer) && installs {
			l.balancer.letIn()
		}
	})
	return order
}

func TestNobodyWaitsForAClaimThatWasNotChosen(t *testing.T) {
	l := NewLab(Suite{})
	ran := 0
	l.runTogether([]Scenario{needing("a.balanced", claim.LoadBalancer)}, func(Scenario) { ran++ })
	if ran != 1 {
		t.Errorf("%d ran, want 1", ran)
	}
}

func TestClaimsThatWouldWaitForEachOther(t *testing.T) {
	alone := needing("a.alone", claim.NoLoadBalancer)
	alone.Alone = true
	for _, c := range []struct {
		name      string
		scenarios []Scenario
		wrong     string // empty: nothing is
	}{
		{"one", []Scenario{needing("a.one", claim.NoLoadBalancer), needing("a.two", claim.LoadBalancer)}, ""},
		{"two", []Scenario{needing("a.one", claim.NoLoadBalancer), needing("a.two", claim.NoLoadBalancer)}, "a.one and a.two both need"},
		{"alone", []Scenario{alone}, "a.alone cannot run alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := checkBalancer(c.scenarios)
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("the error is %v, want %q", err, c.wrong)
			}
		})
	}
}

func TestLastFree(t *testing.T) {
	for _, c := range []struct{ addresses, taken, want string }{
		{"10.0.0.16/28", "10.0.0.16 10.0.0.17", "10.0.0.31"},
		{"10.0.0.16/28", "10.0.0.31", "10.0.0.30"},
		{"10.0.0.20 - 10.0.0.21", "10.0.0.21", "10.0.0.20"},
		{"10.0.0.20-10.0.0.20", "10.0.0.20", "invalid IP"},
		{"10.0.0.7/32", "", "10.0.0.7"},
	} {
		taken := map[string]bool{}
		for _, address := range strings.Fields(c.taken) {
			taken[address] = true
		}
		got, err := lastFree(c.addresses, taken)
		if err != nil || got.String() != c.want {
			t.Errorf("lastFree(%s without %s) = %s, %v, want %s", c.addresses, c.taken, got, err, c.want)
		}
	}
	if _, err := lastFree("a lot", nil); err == nil {
		t.Error("what is no range of addresses must be an error")
	}
}
