package scenario

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
)

// try lets a body look at things without a cluster, and returns what the record says afterwards. The body runs in a
// goroutine of its own, as a test does, because a body that aborts ends its goroutine.
func try(t *testing.T, body func(*S)) *evidence.Claim {
	t.Helper()
	return play(t, settings{}, body).entry
}

// play is as try, under other settings.
func play(t *testing.T, set settings, body func(*S)) *S {
	t.Helper()
	one := Scenario{Claim: claim.Claim{ID: "pod.x", Quote: "q", Points: []claim.Point{{Says: "it runs", Expect: claim.True}}}}
	entry := newEntry(one.Claim, claim.Version{Major: 1, Minor: 37}, "make verify")
	recorder, err := evidence.NewRecorder(filepath.Join(t.TempDir(), "verdicts.json"), &evidence.Record{Claims: []*evidence.Claim{entry}})
	if err != nil {
		t.Fatal(err)
	}
	lab := NewLab(Suite{})
	lab.recorder, lab.settings = recorder, set
	lab.settings.patience = patience{poll: time.Millisecond, arrive: 30 * time.Millisecond, stay: 10 * time.Millisecond}
	s := &S{t: &testing.T{}, ctx: t.Context(), lab: lab, scenario: one, entry: entry}
	done := make(chan struct{})
	go func() {
		defer close(done)
		body(s)
	}()
	<-done
	judge(entry, s.trouble)
	return s
}

func sees(values ...any) probe.Look {
	return probe.New("the values", func(context.Context) (any, error) {
		value := values[0]
		if len(values) > 1 {
			values = values[1:]
		}
		if err, is := value.(error); is {
			return nil, err
		}
		return value, nil
	})
}

func TestWhatLooksSayOfAPoint(t *testing.T) {
	broken := errors.New("the API server is away")
	for name, test := range map[string]struct {
		look func(*S)
		want claim.Observed
	}{
		"comes at last":        {func(s *S) { s.Point("it runs").Eventually(sees(1, 2, 3)).Should(Equal(3)) }, claim.SawTrue},
		"never comes":          {func(s *S) { s.Point("it runs").Eventually(sees(1)).Should(Equal(3)) }, claim.SawFalse},
		"cannot be looked at":  {func(s *S) { s.Point("it runs").Eventually(sees(broken)).Should(Equal(3)) }, claim.Nothing},
		"an error passes":      {func(s *S) { s.Point("it runs").Expect(sees(broken, broken, 3)).Should(Equal(3)) }, claim.SawTrue},
		"stays":                {func(s *S) { s.Point("it runs").Consistently(sees(3)).Should(Equal(3)) }, claim.SawTrue},
		"does not stay":        {func(s *S) { s.Point("it runs").Consistently(sees(3, 4)).Should(Equal(3)) }, claim.SawFalse},
		"is not":               {func(s *S) { s.Point("it runs").Expect(sees(4)).ShouldNot(Equal(3)) }, claim.SawFalse},
		"is after all":         {func(s *S) { s.Point("it runs").Expect(sees(3)).ShouldNot(Equal(3)) }, claim.SawTrue},
		"speaks against":       {func(s *S) { s.Against("it runs").Consistently(sees(3)).Should(Equal(3)) }, claim.SawFalse},
		"speaks for after all": {func(s *S) { s.Against("it runs").Consistently(sees(3, 4)).Should(Equal(3)) }, claim.SawTrue},
		"waits for a contrary": {func(s *S) { s.Against("it runs").Eventually(sees(4)).Should(Equal(3)) }, claim.Nothing},
		"tells yes":            {func(s *S) { s.Point("it runs").Eventually(sees(1, 2)).Tells(Equal(2), Equal(3)) }, claim.SawTrue},
		"tells no":             {func(s *S) { s.Point("it runs").Eventually(sees(1, 3)).Tells(Equal(2), Equal(3)) }, claim.SawFalse},
		"tells neither":        {func(s *S) { s.Point("it runs").Eventually(sees(1)).Tells(Equal(2), Equal(3)) }, claim.Nothing},
		"one look is against it": {func(s *S) {
			s.Point("it runs").Expect(sees(1)).Should(Equal(1))
			s.Point("it runs").Expect(sees(2)).Should(Equal(1))
		}, claim.SawFalse},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			entry := try(t, func(s *S) {
				s.Control("the probe sees").Expect(sees(1)).Should(Equal(1))
				test.look(s)
			})
			g.Expect(entry.Points[0].Observed).To(Equal(test.want))
			g.Expect(entry.Drift).To(Equal(test.want == claim.SawFalse))
			g.Expect(entry.Failed()).To(Equal(test.want != claim.SawTrue), entry.Reason)
		})
	}
}

func TestAStepThatFailsIsInconclusive(t *testing.T) {
	g := NewWithT(t)
	entry := try(t, func(s *S) {
		s.Control("the probe sees").Expect(sees(1)).Should(Equal(1))
		s.Eventually(sees("Pending")).Should(Equal("Running"))
		s.Point("it runs").Expect(sees(3)).Should(Equal(3))
	})
	g.Expect(entry.Verdict).To(Equal(claim.Inconclusive))
	g.Expect(entry.Reason).To(MatchRegexp(`the values did not equal Running within .* s: Pending`))
	g.Expect(entry.Points[0].Evidence).To(BeEmpty())
}

func TestASabotageMayStopAScenarioThatNoticedIt(t *testing.T) {
	stops := func(s *S) {
		s.Control("the probe sees").Expect(sees(1)).Should(Equal(1))
		s.Point("it runs").Expect(sees("Pending")).Should(Equal("Running"))
		s.Beside("it runs").Expect(sees("Pending")).Should(Equal("Running"))
	}
	for sabotage, fails := range map[bool]bool{false: true, true: false} {
		g := NewWithT(t)
		s := play(t, settings{sabotage: sabotage}, stops)
		g.Expect(s.entry.Drift).To(BeTrue())
		g.Expect(s.t.Failed()).To(Equal(fails), "sabotage: %v", sabotage)
	}
}

func TestASabotageThatStopsAScenarioUnnoticedFailsIt(t *testing.T) {
	g := NewWithT(t)
	s := play(t, settings{sabotage: true}, func(s *S) {
		s.Control("the probe sees").Expect(sees(1)).Should(Equal(1))
		s.Eventually(sees("Pending")).Should(Equal("Running"))
	})
	g.Expect(s.t.Failed()).To(BeFalse())
	s.lab.ended(s, time.Now())
	g.Expect(s.t.Failed()).To(BeTrue())
}

func TestAPointThatTheClaimDoesNotHave(t *testing.T) {
	g := NewWithT(t)
	entry := try(t, func(s *S) { s.Point("it walks").Expect(sees(1)).Should(Equal(1)) })
	g.Expect(entry.Reason).To(Equal(`the scenario is wrong: the claim has no point "it walks"`))
}

func TestEvidenceSaysWhatWasWantedAndSeen(t *testing.T) {
	g := NewWithT(t)
	entry := try(t, func(s *S) { s.Point("it runs").Eventually(sees(1, 3)).Should(And(Equal(3), Not(Equal(4)))) })
	g.Expect(entry.Points[0].Evidence).To(HaveLen(1))
	look := entry.Points[0].Evidence[0]
	g.Expect([]string{look.Looked, look.Wanted, look.Saw}).To(Equal([]string{"the values", "equal 3 and not equal 4", "3"}))
}
