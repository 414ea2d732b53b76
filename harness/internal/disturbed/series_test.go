package disturbed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/evidence"
)

func TestParseListing(t *testing.T) {
	g := NewWithT(t)
	l, err := ParseListing("go: downloading x\nbreak\tno-proxy\thas no kube-proxy\r\nfault\tno-dns\thas no DNS\nbreak\tno-scheduler\thas no scheduler\n" +
		"unturned\tpod.x\tit stays\tnothing breaks it\nok\tpkg\t0.1s\nbreak the ice\n")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(l.Of(evidence.Break, nil)).To(Equal([]Named{{"break", "no-proxy", "has no kube-proxy"}, {"break", "no-scheduler", "has no scheduler"}}))
	g.Expect(l.Of(evidence.Break, regexp.MustCompile("sched"))).To(HaveExactElements(HaveField("Name", "no-scheduler")))
	g.Expect(l.Of(evidence.Fault, nil)).To(HaveExactElements(HaveField("Name", "no-dns")))
	g.Expect(l.Unturned).To(Equal([]evidence.PointRef{{Claim: "pod.x", Point: "it stays", Why: "nothing breaks it"}}))
	_, err = ParseListing("break\tno-proxy\n")
	g.Expect(err).To(MatchError(ContainSubstring("has 2 fields, not 3")))
}

// suite replaces go test: it notes which disturbances were tried, and writes a record of each.
type suite struct {
	dir    string
	ran    []string
	last   []string // those that were run with last set
	before func(name string) error
}

func (s *suite) run(_ context.Context, name string, last bool) error {
	s.ran = append(s.ran, name)
	if last {
		s.last = append(s.last, name)
	}
	if s.before != nil {
		if err := s.before(name); err != nil {
			return err
		}
	}
	_, err := evidence.NewRecorder(filepath.Join(s.dir, "v1.37.2", "disturbed", name, evidence.RecordFile),
		&evidence.Record{Version: "v1.37.2", Started: time.Now().UTC()})
	return err
}

func (s *suite) series(names ...string) Series {
	d := Series{Dir: s.dir, Kind: evidence.Break, Version: "v1.37.2", Run: s.run}
	for _, name := range names {
		d.Trials = append(d.Trials, Named{evidence.Break, name, "does something"})
	}
	return d
}

// interrupt runs a series that is interrupted at a disturbance.
func (s *suite) interrupt(t *testing.T, at string, names ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s.before = func(name string) error {
		if name == at {
			cancel()
			return errors.New("signal: interrupt")
		}
		return nil
	}
	_, err := s.series(names...).Go(ctx)
	NewWithT(t).Expect(err).To(And(MatchError(ContainSubstring("interrupted at the break "+at)), MatchError(context.Canceled)))
	s.before, s.ran, s.last = nil, nil, nil
}

func TestAnInterruptedSeriesContinues(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*testing.T, *suite, *Series)
		ran    []string
	}{
		"the same":           {func(*testing.T, *suite, *Series) {}, []string{"b", "c"}},
		"other disturbances": {func(_ *testing.T, s *suite, d *Series) { d.Trials = s.series("d", "a").Trials }, []string{"d"}},
		"nothing left":       {func(_ *testing.T, s *suite, d *Series) { d.Trials = s.series("a").Trials }, nil},
		"a missing record": {func(t *testing.T, s *suite, _ *Series) {
			if err := os.RemoveAll(filepath.Join(s.dir, "disturbed", "a")); err != nil {
				t.Fatal(err)
			}
		}, []string{"a", "b", "c"}},
		"fresh":           {func(_ *testing.T, _ *suite, d *Series) { d.Fresh = true }, []string{"a", "b", "c"}},
		"other claims":    {func(_ *testing.T, _ *suite, d *Series) { d.Claims = "^pod" }, []string{"a", "b", "c"}},
		"another version": {func(_ *testing.T, _ *suite, d *Series) { d.Version = "v1.36.4" }, []string{"a", "b", "c"}},
		"the other kind":  {func(_ *testing.T, _ *suite, d *Series) { d.Kind = evidence.Fault }, []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s := &suite{dir: t.TempDir()}
			s.interrupt(t, "b", "a", "b", "c")
			d := s.series("a", "b", "c")
			test.change(t, s, &d)
			state, err := d.Go(t.Context())
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(s.ran).To(Equal(test.ran))
			if len(test.ran) > 0 {
				g.Expect(s.last).To(Equal(test.ran[len(test.ran)-1:]))
			}
			g.Expect(state.Finished).NotTo(BeZero())
			g.Expect(Interrupted(s.dir, d.Kind)).To(BeNil())
		})
	}
}

func TestADisturbanceWithoutARecordGetsOne(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir(), before: func(string) error { return errors.New("it does not compile") }}
	state, err := s.series("a").Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	records, err := state.Records(s.dir)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(records).To(HaveExactElements(HaveField("Failure", ContainSubstring("it does not compile"))))
}

func TestAFolderIsBusyWhileASeriesRunsInIt(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.before = func(string) error {
		g.Expect(Busy(s.dir, evidence.Break)).To(BeTrue())
		g.Expect(Busy(s.dir, evidence.Fault)).To(BeFalse())
		_, err := s.series("a").Go(t.Context())
		g.Expect(err).To(MatchError(ErrRunning))
		return nil
	}
	_, err := s.series("a").Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(Busy(s.dir, evidence.Break)).To(BeFalse())
}
