package lab

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/secret"
	"github.com/noteproof/noteproof/harness/suite"
)

// Run runs the chosen scenarios. The test fails if its flags exclude all of them.
func (l *Lab) Run(t *testing.T) {
	l.testLimit, _ = t.Deadline()
	defer func() {
		if l.unwatch != nil {
			l.unwatch()
		}
	}()
	deleted := l.runInOrder(l.chosen(), func(s suite.Scenario, judged func()) { l.addFeature(t, s, judged) })
	if l.settings.disturbed == "" { // else the cluster is restored first
		go l.uninstallBalancer()
	}
	deleted()
	select {
	case <-l.ready:
		if err := l.setUp(); err != nil {
			t.Error(secret.Mask(err.Error()))
		}
	default:
		if !l.config.DryRunMode() {
			t.Error(l.noneRun())
		}
	}
}

// noneRun returns the error of a run whose flags exclude all chosen scenarios.
func (l *Lab) noneRun() error {
	err := fmt.Errorf("the flags choose none of the %d claims, so nothing was done; each is a subtest with its ID as the name, "+
		"and has the labels topic and claim", len(l.ids()))
	if run := flag.Lookup("test.run"); run != nil {
		if _, pattern, _ := strings.Cut(run.Value.String(), "/"); pattern != "" {
			err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(nearest(pattern, l.ids()), ", "))
		}
	}
	return err
}

// runInOrder runs scenarios, as many at once as the settings allow, then those that must run alone, one after another. The function
// run runs one to its end and calls judged when its verdict is known: the next one starts then, while the objects of this one are
// deleted. runInOrder returns when all verdicts are known. The function deleted waits until all objects are deleted.
//
// The longest start first, by the last run of each, so that no long one is left at the end with nothing beside it. Scenarios that need the load balancer plugin start when no scenario needs its absence any more. Until then they take no slot, so the
// scenario that they wait for always gets one.
func (l *Lab) runInOrder(scenarios []suite.Scenario, run func(s suite.Scenario, judged func())) (deleted func()) {
	slices.SortStableFunc(scenarios, func(a, b suite.Scenario) int { return rank(a) - rank(b) })
	if !anyNeeds(scenarios, claim.NoLoadBalancer) {
		l.balancer.allow()
	}
	var alone []suite.Scenario
	var judging, all sync.WaitGroup
	start := func(s suite.Scenario, atVerdict func()) (judged <-chan struct{}) {
		verdict := make(chan struct{})
		judging.Add(1)
		once := sync.OnceFunc(func() {
			atVerdict()
			close(verdict)
			judging.Done()
		})
		all.Go(func() {
			defer once()
			run(s, once)
		})
		return verdict
	}
	slots := make(chan struct{}, max(l.settings.parallel, 1))
	for len(scenarios) > 0 {
		i := l.next(scenarios)
		s := scenarios[i]
		scenarios = slices.Delete(scenarios, i, i+1)
		if l.runsAlone(s) {
			alone = append(alone, s)
			continue
		}
		if s.Asks(claim.LoadBalancer) {
			<-l.balancer.allowed
		}
		slots <- struct{}{}
		awaitCapacity(func() int { return len(slots) - 1 }, l.monitor.threadsPerCPUNow, pulseEvery)
		judged := start(s, func() {
			<-slots
			if s.Asks(claim.NoLoadBalancer) {
				l.balancer.allow() // if the body has not called it
			}
		})
		select { // the first one acquires the cluster, unless a flag excludes it
		case <-l.ready:
		case <-judged:
		}
	}
	judging.Wait()
	for _, s := range alone {
		if s.Asks(claim.BreakNodes) || l.disturbance.within {
			all.Wait() // what is deleted on a node that is stopped stays until the node is back
		}
		<-start(s, func() {})
	}
	return all.Wait
}

// next returns the index of the scenario that starts next, of those that are left in the order of their ranks: the longest of those that
// may start now, or the first where nothing is known of earlier runs.
func (l *Lab) next(left []suite.Scenario) int {
	longest := -1
	for i, s := range left {
		switch {
		case s.Asks(claim.NoLoadBalancer):
			return i // others wait for it
		case s.Asks(claim.LoadBalancer) && !l.balancer.isAllowed():
		case longest < 0 || l.lastTook(s.ID) > l.lastTook(left[longest].ID):
			longest = i
		}
	}
	return max(longest, 0)
}

// lastTook returns how long a scenario took in the last run of which that is known, in seconds; 0 without one, and until the cluster is
// acquired.
func (l *Lab) lastTook(id string) float64 {
	select {
	case <-l.ready:
	default:
		return 0
	}
	if l.run == nil || len(l.run.History[id]) == 0 {
		return 0
	}
	return l.run.History[id][len(l.run.History[id])-1].Seconds
}

// runsAlone returns whether no other scenario may run at the same time: because the scenario says so, because it breaks a node on which
// others depend, or because each scenario is disturbed separately. Before the cluster is acquired it is not known to have a spare
// worker.
func (l *Lab) runsAlone(s suite.Scenario) bool {
	return s.Alone || l.disturbance.within || s.Asks(claim.BreakNodes) && l.spare == ""
}

// rank orders scenarios: first the one that needs the plugin's absence, last those that need the plugin. They wait for the former,
// which has then been started, and no other scenario waits for them. The loss of a node, which takes longest, is second.
func rank(s suite.Scenario) int {
	switch {
	case s.Asks(claim.NoLoadBalancer):
		return 0
	case s.Asks(claim.BreakNodes):
		return 1
	case s.Asks(claim.LoadBalancer):
		return 3
	default:
		return 2
	}
}

// chosen returns the scenarios that this run is for.
func (l *Lab) chosen() []suite.Scenario {
	chosen := slices.DeleteFunc(slices.Clone(l.suite.Scenarios), func(s suite.Scenario) bool {
		if l.settings.sabotage && s.Sabotage == (suite.Sabotage{}) {
			return true
		}
		if l.settings.claims == nil && l.disturbance.claims != nil {
			return !l.disturbance.claims.MatchString(s.ID)
		}
		return l.settings.claims != nil && !l.settings.claims.MatchString(s.ID)
	})
	var mine []suite.Scenario
	for i, s := range chosen {
		if l.settings.shard.Has(i) {
			mine = append(mine, s)
		}
	}
	return mine
}

func (l *Lab) ids() []string {
	var ids []string
	for _, s := range l.suite.Scenarios {
		ids = append(ids, s.ID)
	}
	return ids
}

// heartbeat logs which claims run and how many are done, until stop is called.
func (l *Lab) heartbeat(total int) (stop func()) {
	return l.log.Watch(total, "claims", func() (int, string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		var names []string
		for id, since := range l.running {
			names = append(names, fmt.Sprintf("%s (for %s)", id, time.Since(since).Round(time.Second)))
		}
		slices.Sort(names)
		return l.done, strings.Join(names, ", ")
	})
}

// errNothingDone is wrapped by the error for a CLAIMS that chooses no claim of this suite.
var errNothingDone = errors.New("so nothing was done")

// noneChosen returns why no scenario is chosen.
func (l *Lab) noneChosen() error {
	named := l.settings.claims
	switch {
	case named != nil && !slices.ContainsFunc(l.ids(), named.MatchString):
		return fmt.Errorf("CLAIMS=%s chooses none of the %d claims of %s, %w; did you mean %s?",
			named, len(l.ids()), l.settings.tests, errNothingDone, strings.Join(nearest(named.String(), l.ids()), ", "))
	case l.settings.shard.Number > 1:
		return fmt.Errorf("shard %s has no claim, since fewer are chosen than there are shards, %w", l.settings.shard, errNothingDone)
	case l.settings.sabotage:
		return errors.New("none of the chosen claims has a Sabotage, so nothing was done")
	default:
		return errors.New("the suite has no scenario that could run, so nothing was done")
	}
}
