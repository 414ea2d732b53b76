package scenario

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// fakeT records what a body does to its test, so that a failing body does not fail the real test.
type fakeT struct {
	failed   bool
	messages []string
	cleanups []func()
}

func (t *fakeT) Helper()          {}
func (t *fakeT) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (t *fakeT) Errorf(format string, a ...any) {
	t.failed, t.messages = true, append(t.messages, fmt.Sprintf(format, a...))
}
func (t *fakeT) FailNow() { t.failed = true; runtime.Goexit() }
func (t *fakeT) SkipNow() { runtime.Goexit() }

var (
	runs  = claim.P("it runs", claim.True)
	flies = claim.P("it flies", claim.False)
)

// played is the claim's record and the test after a body ran.
type played struct {
	*evidence.Claim
	t *fakeT
}

// play runs a body without a cluster and returns the claim's record. The body runs in its own goroutine, as a test does,
// because a body that aborts ends its goroutine.
func play(t *testing.T, change func(*Run), body func(*S)) played {
	t.Helper()
	entry := &evidence.Claim{ID: "pod.x", Points: []evidence.Point{{Says: runs.Says, Expected: true}, {Says: flies.Says}}, Control: []evidence.Control{}}
	recorder, err := evidence.NewRecorder(filepath.Join(t.TempDir(), "verdicts.json"), &evidence.Record{Claims: []*evidence.Claim{entry}})
	if err != nil {
		t.Fatal(err)
	}
	run := Run{Recorder: recorder, Timeouts: Timeouts{Poll: time.Millisecond, Look: 500 * time.Millisecond, Step: 40 * time.Millisecond, Arrive: 40 * time.Millisecond, Stay: 20 * time.Millisecond}}
	if change != nil {
		change(&run)
	}
	fake := &fakeT{}
	s := &S{
		t: fake, ctx: t.Context(), run: run, claim: claim.Claim{ID: "pod.x", Quote: "q", Points: []*claim.Point{runs, flies}}, entry: entry,
		expected: map[*claim.Point]bool{runs: true}, contradicted: map[*claim.Point]bool{},
	}
	s.ctx, s.cutOff = context.WithCancelCause(s.ctx)
	var running sync.WaitGroup
	running.Go(func() {
		defer s.recoverPanic()
		s.perform(body)
	})
	running.Wait()
	s.conclude()
	return played{entry, fake}
}

// sees returns a look that sees these values in turn, and then always the last one. If a value is an error, the look fails.
func sees(values ...any) probe.Look {
	return probe.New("the values", func(context.Context) (any, error) {
		value := values[0]
		if len(values) > 1 {
			values = values[1:]
		}
		if err, ok := value.(error); ok {
			return nil, err
		}
		return value, nil
	})
}

var silent = probe.Answer{Why: "timed out"}

var errAway = errors.New("the API server is away")

// backed begins a point with a witness and a contrast that pass.
func backed(s *S, point *claim.Point) Point {
	return s.Point(point, s.Witness("the probe sees "+point.Says).Expect(sees(1)).Should(Equal(1)),
		s.Contrast("elsewhere "+point.Says).Expect(sees(2)).Should(Equal(2)))
}

func TestWhatLooksShowOfAPoint(t *testing.T) {
	for name, c := range map[string]struct {
		look func(Point)
		want claim.Observed
	}{
		"yes comes at last":           {func(p Point) { p.Eventually(sees(1, 2, 3)).Decides(Equal(3), Equal(4)) }, claim.SawTrue},
		"no comes first":              {func(p Point) { p.Eventually(sees(1, 4, 3)).Decides(Equal(3), Equal(4)) }, claim.SawFalse},
		"a deadline passes":           {func(p Point) { p.Eventually(sees(1)).Decides(Equal(3), Equal(4)) }, claim.Nothing},
		"each look fails":             {func(p Point) { p.Eventually(sees(errAway)).Decides(Equal(3), Equal(4)) }, claim.Nothing},
		"one late look is not enough": {func(p Point) { p.Eventually(sees(errAway, errAway, errAway, 1)).Decides(Equal(3), Equal(4)) }, claim.Nothing},
		"an error passes":             {func(p Point) { p.Expect(sees(errAway, errAway, 3)).Decides(Equal(3), Equal(4)) }, claim.SawTrue},
		"one look shows neither":      {func(p Point) { p.Expect(sees(1)).Decides(Equal(3), Equal(4)) }, claim.Nothing},
		"an absence lasts":            {func(p Point) { p.Eventually(sees(1)).Decides(Equal(3), match.Lasting(Equal(1))) }, claim.SawFalse},
		"an absence ends":             {func(p Point) { p.Eventually(sees(1, 1, 3)).Decides(Equal(3), match.Lasting(Equal(1))) }, claim.SawTrue},
		"an absence is interrupted":   {func(p Point) { p.Eventually(sees(1, 1, 2)).Decides(Equal(3), match.Lasting(Equal(1))) }, claim.Nothing},
		"it stays":                    {func(p Point) { p.Consistently(sees(3)).Decides(match.Lasting(Equal(3)), Equal(4)) }, claim.SawTrue},
		"it does not stay":            {func(p Point) { p.Consistently(sees(3, 4)).Decides(match.Lasting(Equal(3)), Equal(4)) }, claim.SawFalse},
		"it stays away":               {func(p Point) { p.Consistently(sees(3)).Decides(Equal(4), match.Lasting(Equal(3))) }, claim.SawFalse},
		"it is away for a moment":     {func(p Point) { p.Consistently(sees(3, 5, 3)).Decides(match.Lasting(Equal(3)), Equal(4)) }, claim.Nothing},
		"one of two shows the contrary": {func(p Point) {
			p.Expect(sees(3)).Decides(Equal(3), Equal(4))
			p.Expect(sees(4)).Decides(Equal(3), Equal(4))
		}, claim.SawFalse},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			end := play(t, nil, func(s *S) {
				c.look(backed(s, runs))
				backed(s, flies).Expect(sees(4)).Decides(Equal(3), Equal(4))
			})
			g.Expect(end.Points[0].Observed).To(Equal(c.want), end.Reason)
			g.Expect(end.Drift).To(Equal(c.want == claim.SawFalse))
			g.Expect(end.Verdict == claim.Inconclusive).To(Equal(c.want == claim.Nothing), end.Reason)
		})
	}
}

// A body must not be able to turn trouble into an answer.
func TestTroubleNeverBecomesAnAnswer(t *testing.T) {
	someTypes := match.BeUnreached()
	for name, c := range map[string]struct {
		body func(*S)
		why  string
	}{
		"a matcher of another type":  {func(s *S) { backed(s, runs).Expect(sees(1)).Decides(someTypes, Equal(4)) }, "the scenario is wrong"},
		"its negation":               {func(s *S) { backed(s, runs).Expect(sees(1)).Decides(Not(someTypes), Equal(4)) }, "the scenario is wrong"},
		"a contrary of another type": {func(s *S) { backed(s, runs).Expect(sees(1)).Decides(Equal(4), someTypes) }, "the scenario is wrong"},
		"an element of another type": {func(s *S) { backed(s, runs).Expect(sees([]int{1})).Decides(Equal(3), ConsistOf(someTypes)) }, "the scenario is wrong"},
		"deep in a list of another type": {func(s *S) {
			backed(s, runs).Expect(sees([]int{1})).Decides(Equal(3), Not(And(ContainElements(Not(someTypes)))))
		}, "the scenario is wrong"},
		"exact elements of another type": {func(s *S) {
			backed(s, runs).Expect(sees([]int{1})).Decides(Or(Equal(3), HaveExactElements(someTypes)), Equal(4))
		}, "the scenario is wrong"},
		"a body that ends itself": {func(s *S) {
			backed(s, runs).Expect(sees(3)).Decides(Equal(3), Equal(4))
			backed(s, flies).Expect(sees(4)).Decides(Equal(3), Equal(4))
			s.t.SkipNow()
		}, "did not run to its end"},
		"one request without an answer": {func(s *S) {
			backed(s, runs).Expect(sees(silent)).Decides(match.BeUnreached(), match.BeAnswered())
		}, "one request without an answer shows nothing"},
		"one of several requests without an answer": {func(s *S) {
			backed(s, runs).Eventually(sees(silent)).Decides(match.BeAnswered(), match.BeUnreached())
		}, "one request without an answer shows nothing"},
		"a request that is waited for to be without an answer": {func(s *S) {
			backed(s, runs).Eventually(sees(silent)).Decides(match.BeUnreached(), match.Lasting(match.BeAnswered()))
		}, "it was not observed"},
		"a list that is empty":         {func(s *S) { backed(s, runs).Expect(sees([]int{})).Decides(HaveEach(3), Equal(4)) }, "the scenario is wrong"},
		"both answers at once":         {func(s *S) { backed(s, runs).Expect(sees(3)).Decides(Equal(3), BeNumerically(">", 1)) }, "both"},
		"readiness in an answer":       {func(s *S) { backed(s, runs).Expect(sees(corev1.Pod{})).Decides(match.BeReady(), Equal(4)) }, "readiness"},
		"readiness deep in a contrary": {func(s *S) { backed(s, runs).Eventually(sees(1)).Decides(Equal(4), ConsistOf(Not(match.BeReady()))) }, "readiness"},
		"readiness that lasts": {func(s *S) {
			backed(s, runs).Consistently(sees(1)).Decides(match.Lasting(And(match.BeReady())), Equal(4))
		}, "readiness"},
		"what is absent at first":     {func(s *S) { backed(s, runs).Eventually(sees(1)).Decides(Equal(3), Not(Equal(3))) }, "must be Lasting"},
		"a single look that lasts":    {func(s *S) { backed(s, runs).Expect(sees(1)).Decides(Equal(3), match.Lasting(Equal(1))) }, "single look"},
		"a window that one look ends": {func(s *S) { backed(s, runs).Consistently(sees(1)).Decides(Equal(3), Equal(1)) }, "Consistently"},
		"a witness that was never asked": {func(s *S) {
			s.Point(runs, s.Witness("w"), s.NoContrast("x")).Expect(sees(3)).Decides(Equal(3), Equal(4))
		}, "never looked at"},
		"the zero witness":                      {func(s *S) { s.Point(runs, Witness{}, s.NoContrast("x")).Expect(sees(3)).Decides(Equal(3), Equal(4)) }, "never looked at"},
		"the zero contrast":                     {func(s *S) { s.Point(runs, s.Witness("w").Expect(sees(1)).Should(Equal(1)), Contrast{}) }, "zero value"},
		"a contrast that does not exist":        {func(s *S) { s.NoContrast("x").Expect(sees(1)).Should(Equal(1)) }, "cannot exist"},
		"no reason for the lack of contrast":    {func(s *S) { s.NoContrast("") }, "does not say why"},
		"one name for two controls":             {func(s *S) { s.Witness("w"); s.Contrast("w") }, "two controls"},
		"a point of another claim":              {func(s *S) { backed(s, claim.P("it runs", claim.True)) }, "does not belong to the claim"},
		"a panic":                               {func(s *S) { _ = []int{}[len(s.claim.ID)-5] }, "it panicked"},
		"a step that does not match":            {func(s *S) { s.Eventually(sees("Pending")).Should(Equal("Running")) }, "the values: wanted to equal Running within"},
		"a step whose look fails":               {func(s *S) { s.Expect(sees(errAway)).Should(Equal("Running")) }, "the API server is away"},
		"a step with a matcher of another type": {func(s *S) { s.Expect(sees(1)).Should(someTypes) }, "the scenario is wrong"},
		"a witness that fails": {func(s *S) {
			s.Point(runs, s.Witness("w").Expect(sees(2)).Should(Equal(1)), s.NoContrast("x")).Expect(sees(4)).Decides(Equal(3), Equal(4))
		}, "the witness failed"},
		"a witness that fails afterwards": {func(s *S) {
			s.Point(runs, s.Witness("w").Expect(sees(1, 2)).Should(Equal(1)), s.NoContrast("x")).Expect(sees(4)).Decides(Equal(3), Equal(4))
		}, "the witness failed"},
		"a witness that fails after an absence": {func(s *S) {
			s.Point(runs, s.Witness("w").Expect(sees(1, 2)).Should(Equal(1)), s.NoContrast("x")).Consistently(sees(3)).Decides(match.Lasting(Equal(3)), Equal(4))
		}, "the witness failed"},
		"a contrast that was never tried": {func(s *S) {
			s.Point(runs, s.Witness("w").Expect(sees(1)).Should(Equal(1)), s.Contrast("c")).Expect(sees(3)).Decides(Equal(3), Equal(4))
			backed(s, flies).Expect(sees(4)).Decides(Equal(3), Equal(4))
		}, "never tried"},
		"a supporting look that does not match": {func(s *S) { s.Supporting(runs).Expect(sees(1)).Should(Equal(2)) }, "wanted to equal 2"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			end := play(t, nil, c.body)
			g.Expect(end.Verdict).To(Equal(claim.Inconclusive))
			g.Expect(end.Drift).To(BeFalse())
			g.Expect(end.Reason).To(ContainSubstring(c.why))
			g.Expect(end.Points[0].Observed == claim.SawFalse).To(BeFalse(), "trouble is never the contrary")
		})
	}
}

func TestAStepThatFailsAfterADriftKeepsTheDriftInAWholeCluster(t *testing.T) {
	for problem, drift := range map[string]bool{"": true, "node w1 is not Ready": false} {
		g := NewWithT(t)
		looked := false
		end := play(t, func(run *Run) {
			run.Health = func(context.Context, time.Time, time.Time) verdict.Facts {
				if looked && problem != "" { // the cluster was whole while the point was looked at
					return verdict.Facts{Unknown: []string{problem}}
				}
				return verdict.Facts{}
			}
		}, func(s *S) {
			backed(s, runs).Expect(sees(4)).Decides(Equal(3), Equal(4))
			looked = true
			s.Eventually(sees("Pending")).Should(Equal("Running"))
		})
		g.Expect(end.Points[0].Observed).To(Equal(claim.SawFalse))
		g.Expect(end.Drift).To(Equal(drift))
		g.Expect(end.Verdict).To(Equal(claim.Inconclusive))
		g.Expect(end.Reason).To(And(ContainSubstring("wanted to equal Running"), ContainSubstring(problem)))
	}
}

func TestAContraryAnswerIsBelievedOnlyOfAWholeCluster(t *testing.T) {
	for want, facts := range map[claim.Observed]verdict.Facts{
		claim.SawFalse: {},
		claim.Nothing:  {Unknown: []string{"node w1 is not Ready"}},
	} {
		g := NewWithT(t)
		end := play(t, func(run *Run) {
			run.Health = func(context.Context, time.Time, time.Time) verdict.Facts { return facts }
		}, func(s *S) {
			backed(s, runs).Expect(sees(4)).Decides(Equal(3), Equal(4))
			backed(s, flies).Expect(sees(4)).Decides(Equal(3), Equal(4)) // as expected, so the cluster's health is not checked
		})
		g.Expect(end.Points[0].Observed).To(Equal(want))
		g.Expect(end.Points[0].Evidence[0].Health).NotTo(BeNil())
		g.Expect(end.Points[0].Evidence[0].Health.Problems).To(Equal(append([]string{}, facts.Unknown...)))
		g.Expect(end.Points[1].Observed).To(Equal(claim.SawFalse))
		g.Expect(end.Points[1].Evidence[0].Health).To(BeNil())
	}
}

func TestAPointThatCameOutOtherwiseIsNotLookedAtAgain(t *testing.T) {
	g := NewWithT(t)
	end := play(t, nil, func(s *S) {
		p := backed(s, runs)
		p.Expect(sees(4)).Decides(Equal(3), Equal(4))
		p.Expect(sees(errAway)).Decides(Equal(3), Equal(4))
		backed(s, flies).Expect(sees(4)).Decides(Equal(3), Equal(4))
	})
	g.Expect(end.Points[0].Evidence).To(HaveLen(1))
	g.Expect(end.Drift).To(BeTrue(), end.Reason)
}

func TestADeadlineWaitsForEnoughLooks(t *testing.T) {
	for third, want := range map[int]claim.Observed{3: claim.SawTrue, 1: claim.SawFalse} {
		g := NewWithT(t)
		end := play(t, func(run *Run) { run.Timeouts.Arrive = time.Nanosecond }, func(s *S) {
			backed(s, runs).Eventually(sees(1, 1, third)).Decides(Equal(3), match.Lasting(Equal(1)))
		})
		e := end.Points[0].Evidence[0]
		g.Expect(e.Truth).To(Equal(want))
		g.Expect(e.Looks.Count).To(Equal(minLooks))
	}
}

// On a machine that is short of CPU what is waited for comes late, but what one look shows is certain.
func TestAMachineShortOfCPUExplainsOnlyAbsences(t *testing.T) {
	const always = math.MaxInt
	for name, c := range map[string]struct {
		crowded int // how many times the machine is found short of CPU
		look    func(Point)
		want    claim.Observed
		why     string
	}{
		"what one look shows": {always, func(p Point) { p.Eventually(sees(4)).Decides(Equal(3), Equal(4)) }, claim.SawFalse, ""},
		"what does not come":  {always, func(p Point) { p.Eventually(sees(1)).Decides(Equal(3), match.Lasting(Equal(1))) }, claim.Nothing, "short of CPU"},
		"what never comes":    {1, func(p Point) { p.Eventually(sees(1)).Decides(Equal(3), match.Lasting(Equal(1))) }, claim.SawFalse, ""},
		"what comes late":     {10, func(p Point) { p.Eventually(sees(1, 1, 1, 1, 3)).Decides(Equal(3), match.Lasting(Equal(1))) }, claim.SawTrue, ""},
		"what stays away":     {always, func(p Point) { p.Consistently(sees(1)).Decides(Equal(3), match.Lasting(Equal(1))) }, claim.Nothing, "short of CPU"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			end := play(t, func(run *Run) {
				run.Timeouts.Arrive, run.Timeouts.Look = 4*time.Millisecond, time.Minute
				if c.crowded == always { // looking then ends at the final deadline
					run.Timeouts.Look = 300 * time.Millisecond
				}
				run.Crowd = func(time.Time, time.Time) float64 {
					if c.crowded--; c.crowded < 0 {
						return 1
					}
					return verdict.TooCrowded
				}
			}, func(s *S) { c.look(backed(s, runs)) })
			g.Expect(end.Points[0].Observed).To(Equal(c.want))
			g.Expect(end.Points[0].Evidence[0].Why).To(ContainSubstring(c.why))
		})
	}
}

func TestALookHasATimeLimitOfItsOwn(t *testing.T) {
	g := NewWithT(t)
	hangs := true
	look := probe.New("the values", func(ctx context.Context) (any, error) {
		if hangs {
			hangs = false
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return 3, nil
	})
	end := play(t, func(run *Run) { run.Timeouts.Arrive = time.Minute }, func(s *S) { backed(s, runs).Eventually(look).Decides(Equal(3), Equal(4)) })
	e := end.Points[0].Evidence[0]
	g.Expect(e.Truth).To(Equal(claim.SawTrue))
	g.Expect([]int{e.Looks.Count, e.Looks.Failed}).To(Equal([]int{2, 1}))
	g.Expect(e.Looks.Failure).To(ContainSubstring("deadline exceeded"))
}

func TestASabotageMayStopAScenario(t *testing.T) {
	for sabotaged, fails := range map[bool]bool{false: true, true: false} {
		g := NewWithT(t)
		end := play(t, func(run *Run) { run.Sabotaged = sabotaged }, func(s *S) {
			backed(s, runs).Expect(sees(4)).Decides(Equal(3), Equal(4))
			s.Expect(sees("Pending")).Should(Equal("Running"))
		})
		g.Expect(end.Points[0].Observed).To(Equal(claim.SawFalse))
		g.Expect(end.t.failed).To(Equal(fails), "sabotaged: %v", sabotaged)
	}
}

func TestEvidenceContainsWhatWasWantedAndSeen(t *testing.T) {
	g := NewWithT(t)
	end := play(t, nil, func(s *S) {
		backed(s, runs).Eventually(sees(4, 3)).Decides(And(Equal(3), Not(Equal(4))), match.Lasting(Equal(4)))
	})
	e := end.Points[0].Evidence[0]
	g.Expect([]string{e.Looked, e.Wanted, e.Saw}).To(Equal([]string{"the values", "equal 3 and not equal 4 (true) or all the while equal 4 (false)", "3"}))
	g.Expect(e.Looks.False.First.Saw).To(Equal("4"))
	g.Expect(end.Points[0].Witnesses).To(Equal([]string{"the probe sees it runs"}))
	g.Expect(end.Points[0].Contrasts).To(Equal([]string{"elsewhere it runs"}))
}

func TestAfterAFailureAWitnessDoesNotWait(t *testing.T) {
	g := NewWithT(t)
	end := play(t, nil, func(s *S) {
		s.Witness("the probe sees").Eventually(sees(1)).Should(Equal(2)).Eventually(sees(1)).Should(Equal(2)).Eventually(sees(1)).Should(Equal(1))
	})
	looks := end.Control[0].Evidence
	g.Expect(looks).To(HaveLen(3))
	g.Expect(looks[0].Looks.Count).To(BeNumerically(">", 1))
	g.Expect(looks[1].Looks.Count).To(Equal(1))
	g.Expect(end.Control[0].Passed).To(BeFalse())
}

func TestAWitnessOfMoreFailsAloneAndWithItsBase(t *testing.T) {
	for name, c := range map[string]struct {
		base, more         int
		observed, withMore claim.Observed
	}{
		"both pass":      {1, 1, claim.SawTrue, claim.SawFalse},
		"more fails":     {1, 2, claim.SawTrue, claim.Nothing},
		"the base fails": {2, 1, claim.Nothing, claim.Nothing},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			end := play(t, nil, func(s *S) {
				contrast := s.Contrast("elsewhere").Expect(sees(2)).Should(Equal(2))
				base := s.Witness("the probe sees").Expect(sees(c.base)).Should(Equal(1))
				more := base.And("it sees more").Expect(sees(c.more)).Should(Equal(1))
				s.Point(flies, more, contrast).Consistently(sees(4)).Decides(Equal(3), match.Lasting(Equal(4)))
				s.Point(runs, base, contrast).Expect(sees(3)).Decides(Equal(3), Equal(4))
			})
			g.Expect(end.Points[0].Observed).To(Equal(c.observed))
			g.Expect(end.Points[1].Observed).To(Equal(c.withMore))
			g.Expect(end.Points[1].Evidence).To(HaveLen(map[claim.Observed]int{claim.SawFalse: 1}[c.withMore]), "without a witness it is not looked at")
			g.Expect(end.Points[1].Witnesses).To(ConsistOf("it sees more", "the probe sees"))
		})
	}
}

func TestAWitnessOfMoreIsCheckedAgainWithItsBase(t *testing.T) {
	g := NewWithT(t)
	end := play(t, nil, func(s *S) {
		contrast := s.Contrast("elsewhere").Expect(sees(2)).Should(Equal(2))
		base := s.Witness("the probe sees").Expect(sees(1, 0)).Should(Equal(1))
		more := base.And("it sees more").Expect(sees(1)).Should(Equal(1))
		s.Point(flies, more, contrast).Consistently(sees(4)).Decides(Equal(3), match.Lasting(Equal(4)))
	})
	g.Expect(end.Points[1].Observed).To(Equal(claim.Nothing))
	g.Expect(end.Points[1].Evidence[0].Why).To(HavePrefix("the witness failed afterwards"))
}

func TestAContrastFallsOnlyWithAllItsLooks(t *testing.T) {
	g := NewWithT(t)
	end := play(t, nil, func(s *S) {
		s.Contrast("elsewhere").Eventually(sees(errAway)).Should(Equal(2)).Eventually(sees(1, 2)).Should(Equal(2))
	})
	g.Expect(end.Control[0].Passed).To(BeFalse())
	g.Expect(end.Control[0].Fell).To(BeFalse(), "at first it was otherwise, which shows nothing")
}

func TestALookAfterAnInterruptionSaysSo(t *testing.T) {
	g := NewWithT(t)
	end := play(t, nil, func(s *S) {
		var interrupt context.CancelFunc
		s.ctx, interrupt = context.WithCancel(s.ctx)
		interrupt()
		s.Witness("the probe sees").Expect(sees(1)).Should(Equal(1))
	})
	g.Expect(end.Verdict).To(Equal(claim.Inconclusive))
	g.Expect(end.Reason).To(ContainSubstring("the run was interrupted"))
	g.Expect(end.Reason).NotTo(ContainSubstring("the scenario is wrong"))
}

func TestWhatAClusterAddsToAllPodsExplainsOnlyClaimsThatHaveIt(t *testing.T) {
	proxied := corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "proxy"}}}}
	usual := verdict.Additions{Containers: []string{"proxy"}}
	for name, c := range map[string]struct {
		facts   verdict.Facts
		verdict claim.Verdict
		reason  string
	}{
		"a container that every Pod gets": {verdict.Facts{Usual: usual, Pods: []corev1.Pod{proxied}}, claim.NotRun, "this cluster cannot show it: the container proxy is injected into Pods"},
		"and trouble besides":             {verdict.Facts{Usual: usual, Pods: []corev1.Pod{proxied}, Unknown: []string{"node w1 is not Ready"}}, claim.Inconclusive, "node w1 is not Ready"},
		"Pods without it":                 {verdict.Facts{Usual: usual, Pods: []corev1.Pod{{}}}, claim.Inconclusive, "not observed"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			end := play(t, func(run *Run) {
				run.Health = func(context.Context, time.Time, time.Time) verdict.Facts { return c.facts }
			}, func(s *S) {
				backed(s, runs).Expect(sees(5)).Decides(Equal(3), Equal(4))
			})
			g.Expect(end.Verdict).To(Equal(c.verdict))
			g.Expect(end.Reason).To(ContainSubstring(c.reason))
		})
	}
}

func TestAContraryAnswerOfPodsThatTheClusterAltersShowsNothing(t *testing.T) {
	g := NewWithT(t)
	end := play(t, func(run *Run) {
		run.Health = func(context.Context, time.Time, time.Time) verdict.Facts {
			return verdict.Facts{
				Usual: verdict.Additions{Containers: []string{"proxy"}},
				Pods:  []corev1.Pod{{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "proxy"}}}}},
			}
		}
	}, func(s *S) {
		backed(s, runs).Expect(sees(4)).Decides(Equal(3), Equal(4))
		backed(s, flies).Expect(sees(4)).Decides(Equal(3), Equal(4))
	})
	g.Expect(end.Drift).To(BeFalse())
	g.Expect(end.Verdict).To(Equal(claim.NotRun))
	g.Expect(end.Points[0].Evidence[0].Why).To(Equal("this cluster may be the reason: the container proxy is injected into Pods"))
}
