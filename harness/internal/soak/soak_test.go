package soak

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/evidence"
)

// suite replaces go test: it notes which runs were made, and writes a record of each.
type suite struct {
	dir  string
	ran  []int
	last []int // those that were made with last set
	// before is called before the record is written.
	before func(run int) (suite, err error)
}

func (s *suite) run(_ context.Context, r *Run, last bool) (error, error) {
	s.ran = append(s.ran, r.Number)
	if last {
		s.last = append(s.last, r.Number)
	}
	if s.before != nil {
		if failure, err := s.before(r.Number); failure != nil || err != nil {
			return failure, err
		}
	}
	path := filepath.Join(s.dir, r.Folder(), "v1.37.2", evidence.RecordFile)
	_, err := evidence.NewRecorder(path, &evidence.Record{Version: "v1.37.2", Started: time.Now().UTC()})
	return err, nil
}

func (s *suite) soak(runs int) Soak {
	return Soak{Dir: s.dir, Version: "v1.37.2", Runs: runs, Run: s.run}
}

// interrupt runs a soak that is interrupted in a run.
func (s *suite) interrupt(t *testing.T, at, runs int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s.before = func(run int) (error, error) {
		if run == at {
			cancel()
			return errors.New("signal: interrupt"), nil
		}
		return nil, nil
	}
	_, err := s.soak(runs).Go(ctx)
	NewWithT(t).Expect(err).To(And(MatchError(ContainSubstring("interrupted in run")), MatchError(context.Canceled)))
	s.before, s.ran, s.last = nil, nil, nil
}

func TestEverySecondRunIsLoaded(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	state, err := s.soak(4).Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]int{1, 2, 3, 4}))
	g.Expect(s.last).To(Equal([]int{4}))
	g.Expect(state.Runs).To(HaveExactElements(HaveField("Loaded", false), HaveField("Loaded", true), HaveField("Loaded", false), HaveField("Loaded", true)))
	g.Expect(state.Records(s.dir)).To(HaveLen(4))
	g.Expect(Interrupted(s.dir)).To(BeNil())
}

func TestAnInterruptedSoakContinuesWhereItStopped(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*testing.T, *suite, *Soak)
		ran    []int
		err    string
	}{
		"the same":         {func(*testing.T, *suite, *Soak) {}, []int{3, 4}, ""},
		"more runs":        {func(_ *testing.T, _ *suite, k *Soak) { k.Runs = 5 }, []int{3, 4, 5}, ""},
		"fewer runs":       {func(_ *testing.T, _ *suite, k *Soak) { k.Runs = 3 }, []int{3}, ""},
		"no more than ran": {func(_ *testing.T, _ *suite, k *Soak) { k.Runs = 2 }, nil, "more than N=2"},
		"a missing record": {func(t *testing.T, s *suite, _ *Soak) {
			if err := os.RemoveAll(filepath.Join(s.dir, "run-01", "v1.37.2")); err != nil {
				t.Fatal(err)
			}
		}, []int{1, 3, 4}, ""},
		"fresh":           {func(_ *testing.T, _ *suite, k *Soak) { k.Fresh = true }, []int{1, 2, 3, 4}, ""},
		"other claims":    {func(_ *testing.T, _ *suite, k *Soak) { k.Claims = "^pod" }, []int{1, 2, 3, 4}, ""},
		"another version": {func(_ *testing.T, _ *suite, k *Soak) { k.Version = "v1.36.4" }, []int{1, 2, 3, 4}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := &suite{dir: t.TempDir()}
			s.interrupt(t, 3, 4)
			k := s.soak(4)
			test.change(t, s, &k)
			state, err := k.Go(t.Context())
			if test.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(test.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(s.ran).To(Equal(test.ran))
			g.Expect(s.last).To(Equal(test.ran[len(test.ran)-1:]))
			g.Expect(state.Runs).To(HaveLen(k.Runs))
			g.Expect(state.left()).To(BeEmpty())
		})
	}
}

func TestANewSoakRemovesTheRunsOfTheLastOne(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	_, err := s.soak(4).Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	_, err = s.soak(2).Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(filepath.Glob(filepath.Join(s.dir, "run-*"))).To(HaveLen(2))
}

func TestARunThatIsRepeatedIsNotComparedWithTheInterruptedOne(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.interrupt(t, 2, 2)
	rest := filepath.Join(s.dir, "run-02", "v1.37.2", evidence.RecordFile)
	g.Expect(os.MkdirAll(filepath.Dir(rest), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(rest, []byte("{}"), 0o644)).To(Succeed())
	s.before = func(int) (error, error) {
		g.Expect(rest).NotTo(BeAnExistingFile())
		return nil, nil
	}
	_, err := s.soak(2).Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
}

func TestARunWithoutARecordGetsOne(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.before = func(int) (error, error) { return errors.New("it does not compile"), nil }
	state, err := s.soak(2).Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	records, err := state.Records(s.dir)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(records).To(HaveEach(HaveField("Failure", ContainSubstring("it does not compile"))))
}

func TestARunWhoseLoadFailedIsRepeated(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.before = func(run int) (error, error) {
		if run == 2 {
			return nil, errors.New("a burner was killed")
		}
		return nil, nil
	}
	_, err := s.soak(2).Go(t.Context())
	g.Expect(err).To(MatchError(And(ContainSubstring("does not count"), ContainSubstring("a burner was killed"))))
	s.before, s.ran = nil, nil
	_, err = s.soak(2).Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]int{2}))
}

func TestOneRunCannotBeCompared(t *testing.T) {
	s := &suite{dir: t.TempDir()}
	_, err := s.soak(1).Go(t.Context())
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("at least 2")))
}

func TestAFolderIsBusyWhileASoakRunsInIt(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.before = func(int) (error, error) {
		g.Expect(Busy(s.dir)).To(BeTrue())
		_, err := s.soak(2).Go(t.Context())
		g.Expect(err).To(MatchError(ErrRunning))
		return nil, nil
	}
	_, err := s.soak(2).Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(Busy(s.dir)).To(BeFalse())
}

func TestEachIsCalledAfterEachRun(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	k := s.soak(3)
	var done []int
	k.Each = func(state *State) error {
		done = append(done, len(state.done()))
		return nil
	}
	_, err := k.Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(done).To(Equal([]int{1, 2, 3}))
}
