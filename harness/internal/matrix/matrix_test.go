package matrix

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"
	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
)

// suite replaces go test: it notes which versions were run, and writes a record of each.
type suite struct {
	dir string
	ran []string
	// before is called before the record is written; an error ends the run without one.
	before func(version string) error
}

func (s *suite) run(_ context.Context, version string) error {
	s.ran = append(s.ran, version)
	if s.before != nil {
		if err := s.before(version); err != nil {
			return err
		}
	}
	path := filepath.Join(s.dir, evidence.Folder(version, ""), "verdicts.json")
	_, err := evidence.NewRecorder(path, &evidence.Record{Version: version, Started: time.Now().UTC()})
	return err
}

func (s *suite) matrix(versions ...string) Matrix {
	return Matrix{Dir: s.dir, Versions: versions, Run: s.run}
}

// interrupt runs a matrix that is interrupted while it runs a version.
func (s *suite) interrupt(t *testing.T, at string, versions ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s.before = func(version string) error {
		if version == at {
			cancel()
			return errors.New("signal: interrupt")
		}
		return nil
	}
	_, err := s.matrix(versions...).Go(ctx)
	NewWithT(t).Expect(err).To(MatchError(And(ContainSubstring("interrupted at "+at), ContainSubstring("continues there"))))
	s.before, s.ran = nil, nil
}

func TestEachVersionIsRunOnceInTheGivenOrder(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	state, err := s.matrix("v1.36.4", "v1.23.17", "v1.36.4").Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]string{"v1.36.4", "v1.23.17"}))
	records, err := state.Records(s.dir)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(records).To(HaveExactElements(HaveField("Version", "v1.36.4"), HaveField("Version", "v1.23.17")))
	g.Expect(Interrupted(s.dir)).To(BeNil())
}

func TestAnInterruptedMatrixContinues(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.interrupt(t, "v1.36.4", "v1.35.4", "v1.36.4", "v1.37.2")
	left, err := Interrupted(s.dir)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(left.Versions).To(HaveExactElements(HaveField("Done()", true), HaveField("Done()", false), HaveField("Done()", false)))

	state, err := s.matrix().Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]string{"v1.36.4", "v1.37.2"}), "a finished version is not run again; the interrupted one is")
	g.Expect(state.Began).To(Equal(left.Began))
	g.Expect(state.Records(s.dir)).To(HaveLen(3))
}

func TestOtherVersionsKeepFinishedRows(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.interrupt(t, "v1.36.4", "v1.35.4", "v1.36.4")
	_, err := s.matrix("v1.34.4", "v1.35.4").Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]string{"v1.34.4"}))
}

func TestAVersionIsRunAgainIfItsRecordIsMissing(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.interrupt(t, "v1.36.4", "v1.35.4", "v1.36.4")
	g.Expect(os.RemoveAll(filepath.Join(s.dir, "v1.35.4"))).To(Succeed())
	_, err := s.matrix().Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]string{"v1.35.4", "v1.36.4"}))
}

func TestAFinishedOrFreshMatrixStartsOver(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	for range 2 {
		_, err := s.matrix("v1.37.2").Go(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(s.ran).To(Equal([]string{"v1.37.2", "v1.37.2"}))

	s.interrupt(t, "v1.36.4", "v1.37.2", "v1.36.4")
	fresh := s.matrix("v1.37.2", "v1.36.4")
	fresh.Fresh = true
	_, err := fresh.Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]string{"v1.37.2", "v1.36.4"}))
}

func TestAVersionWithoutARecordGetsOne(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	_, err := s.matrix("v1.36.4").Go(t.Context()) // leaves an old record
	g.Expect(err).NotTo(HaveOccurred())
	s.before = func(string) error { return errors.New("it does not compile") }
	state, err := s.matrix("v1.36.4", "v1.37.2").Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	records, err := state.Records(s.dir)
	g.Expect(err).NotTo(HaveOccurred())
	for _, record := range records {
		g.Expect(record.Failure).To(ContainSubstring("it does not compile"))
		g.Expect(record.Version).To(BeEmpty())
		g.Expect(record.Failed()).To(BeTrue())
	}
	g.Expect(records).To(HaveExactElements(HaveField("Wanted", "v1.36.4"), HaveField("Wanted", "v1.37.2")))
}

func TestOnlyOneMatrixRunsInAFolder(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	held := flock.New(filepath.Join(s.dir, stateFile+".lock"))
	g.Expect(held.TryLock()).To(BeTrue())
	t.Cleanup(func() { held.Unlock() })
	_, err := s.matrix("v1.37.2").Go(t.Context())
	g.Expect(err).To(MatchError(ErrRunning))
	g.Expect(s.ran).To(BeEmpty())
}

func TestAMatrixNeedsVersions(t *testing.T) {
	_, err := (&suite{dir: t.TempDir()}).matrix().Go(t.Context())
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("needs versions")))
}

func TestNew(t *testing.T) {
	ran := &State{Versions: []*Row{
		{Version: "v1.37.1", Row: series.Row{Finished: time.Now()}}, {Version: "v1.36.4", Row: series.Row{Finished: time.Now()}}, {Version: "v1.38.0"},
	}}
	for version, want := range map[string]bool{
		"v1.37.1": false, "v1.37.2": true, "v1.36.4": false, "v1.36.10": true, "v1.36.3": false,
		"v1.38.0": true,  // requested, but not run
		"v1.35.8": false, // an old minor that was not run
	} {
		if got := ran.New(version); got != want {
			t.Errorf("%s is new: %t, want %t", version, got, want)
		}
	}
	var none *State
	if !none.New("v1.23.17") {
		t.Error("without a matrix every version must be new")
	}
}

func TestAKilledRunHasFailed(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	m := s.matrix("v1.37.2")
	m.Run = func(ctx context.Context, version string) error {
		return errors.Join(s.run(ctx, version), errors.New("signal: killed")) // its record contains no failure
	}
	state, err := m.Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	records, err := state.Records(s.dir)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(records[0].Failed()).To(BeTrue())
	g.Expect(records[0].Failure).To(ContainSubstring("signal: killed"))
	g.Expect(records[0].Version).To(Equal("v1.37.2"))
}

func TestARunWithoutARecordKeepsTheEarlierResults(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	answered := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{{ID: "pod.localhost", Verdict: claim.Holds}}}
	_, err := evidence.NewRecorder(filepath.Join(s.dir, "v1.37.2", evidence.RecordFile), answered)
	g.Expect(err).NotTo(HaveOccurred())
	s.before = func(string) error { return errors.New("it does not compile") }
	_, err = s.matrix("v1.37.2").Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	previous, err := evidence.Load(filepath.Join(s.dir, "v1.37.2", evidence.PreviousFile))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(previous.Claims).To(HaveExactElements(HaveField("ID", "pod.localhost")))
}

func TestOtherClaimsBeginANewMatrix(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	s.interrupt(t, "v1.36.4", "v1.35.4", "v1.36.4")
	other := s.matrix("v1.35.4", "v1.36.4")
	other.Claims = "^pod"
	_, err := other.Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.ran).To(Equal([]string{"v1.35.4", "v1.36.4"}))
}

func TestAFolderIsBusyWhileAMatrixRunsInIt(t *testing.T) {
	g := NewWithT(t)
	s := &suite{dir: t.TempDir()}
	g.Expect(Busy(s.dir)).To(BeFalse())
	s.before = func(string) error {
		g.Expect(Busy(s.dir)).To(BeTrue())
		return nil
	}
	_, err := s.matrix("v1.37.2").Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(Busy(s.dir)).To(BeFalse())
}
