package lab

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/suite"
)

// In these tests each scenario has its verdict after a minute, and has removed its objects after another one.
func startTimes(l *Lab, scenarios ...suite.Scenario) map[string]time.Duration {
	close(l.ready)
	var mu sync.Mutex
	started, began := map[string]time.Duration{}, time.Now()
	deleted := l.runInOrder(scenarios, func(s suite.Scenario, judged func()) {
		mu.Lock()
		started[s.ID] = time.Since(began)
		mu.Unlock()
		<-time.NewTimer(time.Minute).C
		judged()
		<-time.NewTimer(time.Minute).C
	})
	deleted()
	started["end"] = time.Since(began)
	return started
}

func TestTheNextScenarioStartsAtTheVerdict(t *testing.T) {
	alone := needing("a.alone")
	alone.Alone = true
	synctest.Test(t, func(t *testing.T) {
		l := New(suite.Suite{})
		l.settings.parallel = 1
		NewWithT(t).Expect(startTimes(l, alone, needing("a.first"), needing("a.second"))).To(Equal(map[string]time.Duration{
			"a.first": 0, "a.second": time.Minute, "a.alone": 2 * time.Minute, "end": 4 * time.Minute,
		}))
	})
}

func TestTheLongestScenariosStartFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(suite.Suite{})
		l.settings.parallel = 1
		l.run = &evidence.RunDir{History: map[string][]evidence.Past{
			"a.short": {{Seconds: 90}, {Seconds: 5}}, "a.long": {{Seconds: 50}}, "a.balanced": {{Seconds: 30}}, "a.absent": {{Seconds: 1}},
		}}
		NewWithT(t).Expect(startTimes(l, needing("a.new"), needing("a.short"), needing("a.balanced", claim.LoadBalancer), needing("a.long"),
			needing("a.absent", claim.NoLoadBalancer))).To(Equal(map[string]time.Duration{
			"a.absent": 0, "a.long": time.Minute, "a.balanced": 2 * time.Minute, "a.short": 3 * time.Minute, "a.new": 4 * time.Minute, "end": 6 * time.Minute,
		}))
	})
}

func TestAScenarioThatBreaksANodeRunsWithOthersOnlyOnASpareWorker(t *testing.T) {
	scenarios := []suite.Scenario{needing("a.other"), needing("a.lost", claim.BreakNodes), needing("a.absent", claim.NoLoadBalancer)}
	for spare, want := range map[string]map[string]time.Duration{
		"":         {"a.absent": 0, "a.other": 0, "a.lost": 2 * time.Minute, "end": 4 * time.Minute},
		"worker-3": {"a.absent": 0, "a.lost": 0, "a.other": time.Minute, "end": 3 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := New(suite.Suite{})
			l.settings.parallel, l.spare = 2, spare
			NewWithT(t).Expect(startTimes(l, slices.Clone(scenarios)...)).To(Equal(want))
		})
	}
}

func TestDisturbedScenariosRunOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(suite.Suite{})
		l.settings.parallel, l.disturbance.within = 8, true
		NewWithT(t).Expect(startTimes(l, needing("a.first"), needing("a.second"))).To(Equal(map[string]time.Duration{
			"a.first": 0, "a.second": 2 * time.Minute, "end": 4 * time.Minute,
		}))
	})
}
