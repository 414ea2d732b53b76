package scenario

import "time"

// Timeouts are the deadlines of a scenario.
type Timeouts struct {
	Poll     time.Duration // the least pause between two looks; a pause is as long as the look before it, up to 2 s
	Request  time.Duration // for a request that a look makes from a container or from outside
	Look     time.Duration // for a single look
	Step     time.Duration // for a step, a witness or a supporting look
	Arrive   time.Duration // for a point or a contrast
	Stay     time.Duration // the window of Consistently
	NodeLoss time.Duration // for a lost node to be noticed and its Pods to be replaced, or for the node to be back
	Scenario time.Duration // for a whole scenario
	Cleanup  time.Duration // for each step of cleaning up, such as the removal of the namespace
}

// DefaultTimeouts returns the timeouts for a machine with two cores.
func DefaultTimeouts() Timeouts {
	return Timeouts{
		Poll:     200 * time.Millisecond,
		Request:  2 * time.Second, // within one machine an answer takes milliseconds, and a dropped request gets none
		Look:     20 * time.Second,
		Step:     2 * time.Minute, // on a machine that is short of CPU a Pod takes more than a minute to be ready
		Arrive:   60 * time.Second,
		Stay:     8 * time.Second,
		NodeLoss: 3 * time.Minute,  // the default node-monitor-grace-period is 40 s, from v1.32 on 50 s
		Scenario: 10 * time.Minute, // a point that is false because of an absence takes all of Arrive
		Cleanup:  3 * time.Minute,
	}
}

// Scaled returns the timeouts multiplied by a factor, except Poll. A factor below 1 does not shorten Request, Arrive, Stay and
// NodeLoss, because an absence that lasts so long is an answer.
func (t Timeouts) Scaled(by float64) Timeouts {
	scale := func(d time.Duration) time.Duration { return time.Duration(float64(d) * by) }
	extend := func(d time.Duration) time.Duration { return max(d, scale(d)) }
	return Timeouts{
		Poll: t.Poll, Request: extend(t.Request), Look: scale(t.Look), Step: scale(t.Step), Arrive: extend(t.Arrive), Stay: extend(t.Stay), NodeLoss: extend(t.NodeLoss),
		Scenario: scale(t.Scenario), Cleanup: scale(t.Cleanup),
	}
}

const (
	// minLooks is how many looks a window needs to show that something lasts.
	minLooks = 3
	// A window allows a gap of a gapShare-th of its length between two looks, and at least leastGap: a request without an
	// answer takes 2 s, and its start in a container of a busy machine takes several seconds.
	gapShare = 4
	leastGap = 15 * time.Second
)

// maxGap returns the longest time without a successful look that a window allows.
func maxGap(window time.Duration) time.Duration { return max(leastGap, window/gapShare) }
