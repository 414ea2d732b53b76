package progress

import (
	"fmt"
	"time"
)

// Job is work of several parts, such as the build of a node image. Until End is called, the steps of its Log also say how long
// the job will probably take. Its methods may be called concurrently. A nil Job estimates nothing.
type Job struct {
	log   *Log
	what  string
	start time.Time
	parts map[string]*part
}

// part is a part of a Job that is still to be done, is being done, or is done.
type part struct {
	usual time.Duration
	begun time.Time // zero before
	done  bool
}

// Job starts a job. usual maps the names of its parts to the times that they usually take. Only their ratios matter once a
// tenth of the work is done. A Log estimates one job at a time.
func (l *Log) Job(what string, usual map[string]time.Duration) *Job {
	if l == nil || len(usual) == 0 {
		return nil
	}
	j := &Job{log: l, what: what, start: time.Now(), parts: map[string]*part{}}
	for name, takes := range usual {
		j.parts[name] = &part{usual: takes}
	}
	l.mu.Lock()
	l.job = j
	l.mu.Unlock()
	l.show((*live).reset)
	return j
}

// Skip says that a part need not be done. Like Begin and Done, it ignores a name that is not a part's.
func (j *Job) Skip(name string) {
	j.change(name, func(*part) { delete(j.parts, name) })
}

// Begin says that a part begins.
func (j *Job) Begin(name string) {
	j.change(name, func(p *part) { p.begun = time.Now() })
}

// Done says that a part is done.
func (j *Job) Done(name string) {
	j.change(name, func(p *part) { p.done = true })
}

func (j *Job) change(name string, to func(*part)) {
	if j == nil {
		return
	}
	j.log.mu.Lock()
	defer j.log.mu.Unlock()
	if p, ok := j.parts[name]; ok {
		to(p)
	}
}

// End ends the job, whether it is complete or not.
func (j *Job) End() {
	if j == nil {
		return
	}
	j.log.mu.Lock()
	if j.log.job == j {
		j.log.job = nil
	}
	j.log.mu.Unlock()
	j.log.show((*live).reset)
}

// almost is how much of a part counts as done, at most, while it is being done.
const almost = 0.9

// estimate returns the share of the work that is done, from 0 to 1, and how long the rest will take. The Log's lock must be held.
func (j *Job) estimate(now time.Time) (share float64, left time.Duration) {
	var total, done time.Duration
	for _, p := range j.parts {
		total += p.usual
		switch {
		case p.done:
			done += p.usual
		case !p.begun.IsZero():
			done += min(now.Sub(p.begun), time.Duration(almost*float64(p.usual)))
		}
	}
	if total == 0 {
		return 1, 0
	}
	share = float64(done) / float64(total)
	pace := 1.0 // of this machine, relative to the usual times
	if share >= 0.1 {
		pace = float64(now.Sub(j.start)) / float64(done)
	}
	return share, time.Duration(pace * float64(total-done))
}

// remaining describes how long the job will take, for a line of the log. The Log's lock must be held.
func (j *Job) remaining(now time.Time) string {
	_, left := j.estimate(now)
	return j.what + " in " + about(left)
}

// about rounds a time as far as an estimate deserves.
func about(d time.Duration) string {
	switch {
	case d >= 90*time.Second:
		return fmt.Sprintf("about %d min", int(d.Round(time.Minute).Minutes()))
	case d >= 10*time.Second:
		return fmt.Sprintf("about %d s", int(d.Round(10*time.Second).Seconds()))
	}
	return "a few seconds"
}
