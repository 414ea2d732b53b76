package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	neturl "net/url"
	"slices"
	"strings"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/probe"
)

// S is the handle that a scenario's body uses. It carries the test, the cluster and the record, cleans up after itself, and
// belongs to one scenario. A step that fails ends the body, and the claim is inconclusive.
type S struct {
	t             T
	ctx           context.Context
	cutOff        context.CancelCauseFunc // ends ctx with the reason
	run           Run
	job           Job
	claim         claim.Claim
	stage         *stage.Stage
	manifest      *stage.Manifest
	cluster       probe.Cluster
	entry         *evidence.Claim
	expected      map[*claim.Point]bool
	contradicted  map[*claim.Point]bool      // points that were observed to be other than expected
	trouble       string                     // why the claim is inconclusive; empty if it is not
	unfit         string                     // why this cluster cannot show the claim; empty if it can
	unmet         string                     // the step that ended the scenario because its look did not match; empty if none did
	finished      bool                       // the body ran to its end
	changed       bool                       // the scenario has changed something on purpose
	added         string                     // what this cluster adds to all namespaces and Pods, if nothing else is wrong with it
	stopped       []string                   // nodes that the scenario has stopped
	restarted     map[string]bool            // those of them that it has started again
	relies        map[verdict.Part]time.Time // since when
	started       time.Time                  // when the scenario began, or was disturbed on purpose; earlier problems excuse no answer
	cleanupErrors []error
}

// change applies a function to the claim's entry and writes the record.
func (s *S) change(do func(*evidence.Claim)) {
	if err := s.run.Recorder.ChangeClaim(s.entry, do); err != nil {
		s.t.Errorf("%s: %v", s.claim.ID, err)
	}
}

// read calls a function with the claim's entry while the record is locked.
func (s *S) read(do func(*evidence.Claim)) {
	s.run.Recorder.Read(func(*evidence.Record) { do(s.entry) })
}

// beforeChange calls Run.BeforeChange before the first change that the scenario makes on purpose.
func (s *S) beforeChange() {
	s.t.Helper()
	if s.changed || s.run.BeforeChange == nil {
		return
	}
	s.changed = true
	if err := s.run.BeforeChange(s.ctx, s.t); err != nil {
		s.abort("%v", err)
	}
	s.started = time.Now() // BeforeChange may disturb the cluster on purpose: earlier problems do not excuse an answer
}

// relyOn records that looks go through these parts of the cluster from now on.
func (s *S) relyOn(parts ...verdict.Part) {
	if s.relies == nil {
		s.relies = map[verdict.Part]time.Time{}
	}
	for _, part := range parts {
		if _, already := s.relies[part]; !already {
			s.relies[part] = time.Now()
		}
	}
}

// relyOnRoute records the parts of the cluster that a request to a URL goes through.
func (s *S) relyOnRoute(target string) {
	parsed, err := neturl.Parse(target)
	if err != nil || parsed.Hostname() == "localhost" {
		return
	}
	s.relyOn(verdict.PodNetwork)
	if _, err := netip.ParseAddr(parsed.Hostname()); err != nil {
		s.relyOn(verdict.DNS, verdict.ServiceProxy)
	}
}

func (s *S) expects(point *claim.Point) bool { return s.expected[point] }

// mustNeed ends the scenario if its claim does not say that it needs this, so that the claim would be begun where that is missing or not
// allowed.
func (s *S) mustNeed(need claim.Need) {
	s.t.Helper()
	if !slices.Contains(s.claim.Needs, need) {
		s.abort("the scenario is wrong: its claim does not say that it needs %s", need)
	}
}

// markInconclusive records why the claim is inconclusive. Only the first reason is kept. The scenario continues.
func (s *S) markInconclusive(format string, a ...any) {
	if s.trouble == "" {
		s.trouble = fmt.Sprintf(format, a...)
	}
}

// abort marks the claim as inconclusive and ends the scenario. Points that are not observed yet stay unobserved.
func (s *S) abort(format string, a ...any) {
	s.t.Helper()
	for _, argument := range a {
		if err, ok := argument.(error); ok {
			s.lacking(err)
		}
	}
	if s.ctx != nil && s.ctx.Err() != nil {
		s.markInconclusive("%s; it was then at: %s", s.cutOffReason(), fmt.Sprintf(format, a...))
	}
	s.markInconclusive(format, a...)
	s.stop()
}

// stop ends the body.
func (s *S) stop() {
	s.t.Helper()
	var why unfit
	// A sabotage may stop the scenario; the lab fails the test if it was not noticed before.
	if s.run.Sabotaged || s.ctx != nil && errors.As(context.Cause(s.ctx), &why) {
		s.t.SkipNow()
	}
	s.t.FailNow()
}

func joinWords(words []string) string { return strings.Join(words, "; ") }
