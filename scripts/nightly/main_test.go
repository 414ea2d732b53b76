package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

const had = `[{"version":"v1.37.2","origin":"published"},{"version":"v1.36.4","origin":"published"}]`

func TestWhichVersionsANightProves(t *testing.T) {
	known := t.TempDir()
	lay(t, filepath.Join(known, "v1.36.4"), &evidence.Record{Version: "v1.36.4"})
	for _, test := range []struct{ args, want string }{
		{"versions", `proved=["v1.37.2","v1.36.4"]` + "\n" + `covered=["v1.37.2","v1.36.4"]` + "\n"},
		{"versions v1.24.17 v1.36.4", `proved=["v1.24.17","v1.36.4"]` + "\n" + `covered=["v1.37.2","v1.36.4","v1.24.17"]` + "\n"},
		{"versions -variants a", `proved=["v1.37.2","v1.36.4","v1.37.2+a"]` + "\n" + `covered=["v1.37.2","v1.36.4","v1.37.2+a"]` + "\n"},
		{"versions -only-new -known " + known, `proved=["v1.37.2"]` + "\n" + `covered=["v1.37.2","v1.36.4"]` + "\n"},
		{"versions -only-new -known " + t.TempDir(), `proved=["v1.37.2","v1.36.4"]` + "\n" + `covered=["v1.37.2","v1.36.4"]` + "\n"},
	} {
		var out strings.Builder
		NewWithT(t).Expect(run(strings.Fields(test.args), strings.NewReader(had), &out, time.Time{})).To(Succeed())
		NewWithT(t).Expect(out.String()).To(Equal(test.want), test.args)
	}
	for _, asked := range []string{"latest", "1.37", "v1.37.2;reboot", "../v1.37.2", "v1.37.2+../a", "v1.37.2\nproved=[]"} {
		err := run([]string{"versions", asked}, strings.NewReader(had), &strings.Builder{}, time.Time{})
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("no exact Kubernetes version")), asked)
	}
}

func TestTheRecordsOfANight(t *testing.T) {
	g := NewWithT(t)
	known, fresh, out := t.TempDir(), t.TempDir(), t.TempDir()
	monday, tuesday := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), time.Date(2026, 3, 3, 2, 0, 0, 0, time.UTC)
	for _, v := range []string{"v1.37.2", "v1.36.4", "v1.35.4", "v1.34.1"} {
		lay(t, filepath.Join(known, v), &evidence.Record{Version: v, Started: monday})
	}
	lay(t, filepath.Join(fresh, "v1.37.2"), &evidence.Record{
		Version: "v1.37.2", Started: tuesday, Claims: []*evidence.Claim{{ID: "pod.a", Verdict: claim.Holds}},
	})
	lay(t, filepath.Join(known, "v1.33.8"), &evidence.Record{Version: "v1.33.8", Started: monday, Claims: []*evidence.Claim{{ID: "pod.a", Drift: true}}})
	lay(t, filepath.Join(fresh, "v1.36.4"), &evidence.Record{ // of an earlier attempt, which has made it known
		Version: "v1.36.4", Started: monday, Claims: []*evidence.Claim{{ID: "pod.a", Verdict: claim.Holds}},
	})
	lay(t, filepath.Join(fresh, "v1.33.9"), &evidence.Record{
		Version: "v1.33.9", Started: tuesday, Claims: []*evidence.Claim{{ID: "pod.a", Verdict: claim.Inconclusive}},
	})
	g.Expect(run([]string{
		"records", "-known", known, "-fresh", fresh, "-out", out,
		"-proved", `["v1.37.2","v1.36.4","v1.35.4","v1.33.9"]`, "-covered", `["v1.37.2","v1.36.4","v1.35.4","v1.34.1","v1.33.9","v1.32.0","v1.37.2+ipv6"]`,
	}, nil, nil, tuesday)).To(Succeed())

	written := map[string]*evidence.Record{}
	for _, v := range []string{"v1.37.2", "v1.36.4", "v1.35.4", "v1.34.1", "v1.33.9", "v1.32.0", "v1.37.2+ipv6"} {
		record, err := evidence.Load(filepath.Join(out, v, "verdicts.json"))
		g.Expect(err).NotTo(HaveOccurred())
		written[v] = record
	}
	g.Expect(written["v1.37.2"].Claims).To(HaveLen(1), "what was found tonight")
	g.Expect(written["v1.36.4"].Failure).To(BeEmpty(), "its job was not run again")
	g.Expect(written["v1.35.4"].Failure).To(ContainSubstring("without a record"), "it handed over nothing")
	g.Expect(written["v1.35.4"].Wanted).To(Equal("v1.35.4"))
	g.Expect(written["v1.34.1"].Started).To(Equal(monday), "nobody wanted it again")
	g.Expect(written["v1.37.2+ipv6"].Target()).To(Equal("v1.37.2+ipv6"))
	g.Expect(written["v1.32.0"].Failure).To(ContainSubstring("not been proved yet"))

	g.Expect(os.ReadFile(filepath.Join(out, "unsettled.txt"))).To(BeEquivalentTo(`v1.35.4: its job ended without a record; the log of the job says why
v1.33.9: inconclusive: pod.a
v1.32.0: it has not been proved yet
v1.37.2+ipv6: it has not been proved yet
v1.33.8: it drifted when it was last proved, and is not proved any more
`))

	for v, want := range map[string]time.Time{"v1.37.2": tuesday, "v1.36.4": monday, "v1.35.4": monday, "v1.33.9": tuesday} {
		record, err := evidence.Load(filepath.Join(known, v, "verdicts.json"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(record.Started).To(Equal(want), "tomorrow %s is compared with it", v)
	}
	g.Expect(filepath.Join(known, "v1.32.0")).NotTo(BeAnExistingFile())
}

func lay(t *testing.T, dir string, record *evidence.Record) {
	t.Helper()
	if _, err := evidence.NewRecorder(filepath.Join(dir, "verdicts.json"), record); err != nil {
		t.Fatal(err)
	}
}
