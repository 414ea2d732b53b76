package series_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/series"
)

func TestLock(t *testing.T) {
	g := NewWithT(t)
	file := series.File(filepath.Join(t.TempDir(), "soak", "soak.json"))
	g.Expect(file.Locked()).To(BeFalse())
	g.Expect(filepath.Dir(string(file))).NotTo(BeADirectory(), "Locked creates nothing")

	release, free, err := file.Lock()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(free).To(BeTrue())
	g.Expect(file.Locked()).To(BeTrue())
	_, free, err = file.Lock()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(free).To(BeFalse())

	release()
	g.Expect(file.Locked()).To(BeFalse())
}

func TestSaveAndLoad(t *testing.T) {
	g := NewWithT(t)
	file := series.File(filepath.Join(t.TempDir(), "soak.json"))
	var state []string
	g.Expect(file.Load(&state)).To(BeFalse(), "there is no file yet")
	g.Expect(file.Save([]string{"a < b"})).To(Succeed())
	g.Expect(file.Load(&state)).To(BeTrue())
	g.Expect(state).To(Equal([]string{"a < b"}))

	g.Expect(os.WriteFile(string(file), []byte("["), 0o644)).To(Succeed())
	_, err := file.Load(&state)
	g.Expect(err).To(MatchError(ContainSubstring("soak.json")))
}

func TestSettle(t *testing.T) {
	began := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	of := func(started time.Time, drift bool) *evidence.Record {
		return &evidence.Record{Version: "v1.37.2", Started: started, Claims: []*evidence.Claim{
			{ID: "pod.localhost", Verdict: claim.Holds, Drift: drift},
		}}
	}
	killed := errors.New("signal: killed")
	for name, test := range map[string]struct {
		record  *evidence.Record // nil if the run wrote none
		failure error
		says    string // in the record's failure; empty if it has none
		claims  int
	}{
		"it succeeded":                         {of(began.Add(time.Second), false), nil, "", 1},
		"a claim drifted":                      {of(began.Add(time.Second), true), killed, "", 1},
		"it was killed":                        {of(began.Add(time.Second), false), killed, "signal: killed", 1},
		"no record":                            {nil, killed, "left no record; see its output: signal: killed", 0},
		"no record of a run that succeeded":    {nil, nil, "no such file", 0},
		"the record of an earlier run":         {of(began.Add(-time.Second), false), killed, "signal: killed", 0},
		"it succeeded, with an earlier record": {of(began.Add(-time.Second), false), nil, "go test succeeded", 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			path := filepath.Join(t.TempDir(), "v1.37.2", evidence.RecordFile)
			if test.record != nil {
				_, err := evidence.NewRecorder(path, test.record)
				g.Expect(err).NotTo(HaveOccurred())
			}
			run := series.Run{Version: "v1.37.2", Began: began, Failure: test.failure}
			g.Expect(run.Settle(path, nil)).To(Succeed())
			record, err := evidence.Load(path)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(record.Claims).To(HaveLen(test.claims))
			if test.says == "" {
				g.Expect(record.Failure).To(BeEmpty())
				return
			}
			g.Expect(record.Failure).To(ContainSubstring(test.says))
			g.Expect(record.Partial).To(BeTrue())
		})
	}
}
