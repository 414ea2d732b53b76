package scenario

import "time"

// Timeouts hold every deadline of a scenario, in one place.
type Timeouts struct {
	Poll     time.Duration // between two looks
	Request  time.Duration // for a request that a look makes from a container or from outside
	Look     time.Duration // for a single look
	Step     time.Duration // for a step or a witness to come about; running out of it decides nothing
	Arrive   time.Duration // for an answer, or a contrast, to come about
	Stay     time.Duration // the window over which something must stay as it is
	NodeLoss time.Duration // for a dead node to be noticed and its Pods to be replaced, or for it to be back
	Scenario time.Duration // for one scenario, all in all
	Cleanup  time.Duration // for its namespace to be gone
}

// DefaultTimeouts are those of a machine of two cores.
func DefaultTimeouts() Timeouts {
	return Timeouts{
		Poll:     200 * time.Millisecond,
		Request:  2 * time.Second, // on one machine an answer takes milliseconds, and a dropped packet never comes back
		Look:     20 * time.Second,
		Step:     2 * time.Minute, // on a machine that is short of CPU a Pod takes more than one to be ready
		Arrive:   60 * time.Second,
		Stay:     8 * time.Second,
		NodeLoss: 3 * time.Minute,  // the default node-monitor-grace-period is 40 s, from v1.32 on 50 s
		Scenario: 10 * time.Minute, // a point that is false takes Arrive to be so
		Cleanup:  3 * time.Minute,
	}
}

// Scaled multiplies all deadlines; the pace of looks stays.
func (t Timeouts) Scaled(by float64) Timeouts {
	scale := func(d time.Duration) time.Duration { return time.Duration(float64(d) * by) }
	return Timeouts{
		Poll: t.Poll, Request: scale(t.Request), Look: scale(t.Look), Step: scale(t.Step), Arrive: scale(t.Arrive), Stay: scale(t.Stay), NodeLoss: scale(t.NodeLoss),
		Scenario: scale(t.Scenario), Cleanup: scale(t.Cleanup),
	}
}

const (
	// minLooks is how many looks a window needs for what it shows to have lasted.
	minLooks = 3
	// gapShare is the part of a window in which no look may be missing, and leastGap the shortest time that is allowed: a
	// request that nobody answers takes 2 s, and its start in a container of a busy machine several.
	gapShare = 4
	leastGap = 15 * time.Second
)

// maxGap is the longest time without a look that a window allows.
func maxGap(window time.Duration) time.Duration { return max(leastGap, window/gapShare) }
