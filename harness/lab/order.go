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
	"github.com/noteproof/noteproof/harness/suite"
)

// Run runs the chosen scenarios: several at once, then those that must run alone, one after another. The test fails if its
// flags exclude all of them.
func (l *Lab) Run(t *testing.T) {
	l.testLimit, _ = t.Deadline()
	var together, alone []suite.Scenario
	for _, s := range l.chosen() {
		if s.Alone {
			alone = append(alone, s)
		} else {
			together = append(together, s)
		}
	}
	defer func() {
		if l.unwatch != nil {
			l.unwatch()
		}
	}()
	if l.disturbance.within { // each scenario is disturbed separately
		alone, together = append(together, alone...), nil
	}
	l.runTogether(together, func(s suite.Scenario) { l.addFeature(t, s) })
	for _, s := range alone {
		l.addFeature(t, s)
	}
	select {
	case <-l.ready:
		if err := l.setUp(); err != nil {
			t.Error(err)
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

// runTogether runs scenarios, as many at once as the settings allow. Those that need the load balancer plugin start when no
// scenario needs its absence any more. Until then they take no slot, so the scenario that they wait for always gets one.
func (l *Lab) runTogether(scenarios []suite.Scenario, run func(suite.Scenario)) {
	slices.SortStableFunc(scenarios, byBalancer)
	if !anyNeeds(scenarios, claim.NoLoadBalancer) {
		l.balancer.allow()
	}
	slots := make(chan struct{}, max(l.settings.parallel, 1))
	var all sync.WaitGroup
	for _, s := range scenarios {
		if s.Asks(claim.LoadBalancer) {
			<-l.balancer.allowed
		}
		slots <- struct{}{}
		awaitCapacity(func() int { return len(slots) - 1 }, l.monitor.threadsPerCPUNow, pulseEvery)
		ended := make(chan struct{})
		all.Go(func() {
			defer func() { <-slots }()
			defer close(ended)
			if s.Asks(claim.NoLoadBalancer) {
				defer l.balancer.allow() // if the body has not called it
			}
			run(s)
		})
		select { // the first one acquires the cluster, unless a flag excludes it
		case <-l.ready:
		case <-ended:
		}
	}
	all.Wait()
}

func (l *Lab) chosen() []suite.Scenario {
	return slices.DeleteFunc(slices.Clone(l.suite.Scenarios), func(s suite.Scenario) bool {
		if l.settings.sabotage && s.Sabotage == (suite.Sabotage{}) {
			return true
		}
		if l.settings.claims == nil && l.disturbance.claims != nil {
			return !l.disturbance.claims.MatchString(s.ID)
		}
		return l.settings.claims != nil && !l.settings.claims.MatchString(s.ID)
	})
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
	case l.settings.sabotage:
		return errors.New("none of the chosen claims has a Sabotage, so nothing was done")
	default:
		return errors.New("the suite has no scenario that could run, so nothing was done")
	}
}
