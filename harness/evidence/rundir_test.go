package evidence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func TestEachRunHasItsOwnDirectoryAndTheNewestIsLinked(t *testing.T) {
	g := NewWithT(t)
	link := filepath.Join(t.TempDir(), "v1.37.2")
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	first, err := evidence.NewRun(link, "aaaaa", start)
	g.Expect(err).NotTo(HaveOccurred())
	second, err := evidence.NewRun(link, "bbbbb", start)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(first.Path).NotTo(Equal(second.Path), "two runs on one target do not meet")
	for _, run := range []*evidence.RunDir{first, second} {
		_, err := evidence.NewRecorder(filepath.Join(run.Path, evidence.RecordFile), &evidence.Record{Version: run.Path, Claims: []*evidence.Claim{}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(evidence.Running(run.Path)).To(BeTrue())
	}
	newest, err := evidence.Load(filepath.Join(link, evidence.RecordFile))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(newest.Version).To(Equal(second.Path))
	g.Expect(evidence.Runs(link)).To(Equal([]string{first.Path, second.Path}))
	g.Expect(first.Close()).To(Succeed())
	g.Expect(evidence.Running(first.Path)).To(BeFalse())
	g.Expect(second.Close()).To(Succeed())
}

func TestTheDirectoryOfAnOlderNoteproofBecomesARun(t *testing.T) {
	g := NewWithT(t)
	link := filepath.Join(t.TempDir(), "v1.37.2")
	old := &evidence.Record{Version: "v1.37.2", Claims: []*evidence.Claim{saw("pod.a", claim.SawTrue)}}
	_, err := evidence.NewRecorder(filepath.Join(link, evidence.RecordFile), old)
	g.Expect(err).NotTo(HaveOccurred())
	run, err := evidence.NewRun(link, "aaaaa", time.Now())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(run.Previous.Flip(saw("pod.a", claim.SawFalse))).NotTo(BeNil())
	g.Expect(evidence.Runs(link)).To(HaveLen(2))
	g.Expect(run.Close()).To(Succeed())
}

func TestOldRunsAreRemovedButNotOneThatIsRunning(t *testing.T) {
	g := NewWithT(t)
	link := filepath.Join(t.TempDir(), "v1.37.2")
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	running, err := evidence.NewRun(link, "running", start.Add(-time.Hour))
	g.Expect(err).NotTo(HaveOccurred())
	for i := range 40 {
		run, err := evidence.NewRun(link, fmt.Sprint(i), start.Add(time.Duration(i)*time.Second))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(run.Close()).To(Succeed())
	}
	runs, err := evidence.Runs(link)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(runs).To(HaveLen(31))
	g.Expect(runs[0]).To(Equal(running.Path))
	g.Expect(running.Close()).To(Succeed())
}

func TestARunWhoseDirectoryCannotBeCreatedIsAnError(t *testing.T) {
	g := NewWithT(t)
	out := filepath.Join(t.TempDir(), "out")
	g.Expect(os.WriteFile(out, nil, 0o644)).To(Succeed())
	_, err := evidence.NewRun(filepath.Join(out, "v1.37.2"), "aaaaa", time.Now())
	g.Expect(err).To(MatchError(ContainSubstring(out)))
}
