package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/disturbed"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// listing is the output of the suite's -disturbances in these tests, among other output.
const listing = "ok go test prints\n" +
	"break\tno-proxy\thas no kube-proxy\nbreak\tno-scheduler\thas no scheduler\nfault\tno-dns\thas no DNS\n" +
	"unturned\tpod.localhost\tit stays\tnothing breaks it\n"

// disturb changes the record to that of a disturbance. With a break, the point that depends on the mechanism turned, unless
// stays is set.
func disturb(record *evidence.Record, name string, stays bool) {
	c := record.Claims[0]
	c.Points = []evidence.Point{{Says: "it answers", Expected: true, Observed: claim.SawTrue}}
	record.Disturbance = &evidence.Disturbance{Name: name, Kind: evidence.Fault, Began: time.Now().UTC()}
	if name == "no-dns" {
		return
	}
	record.Disturbance.Kind = evidence.Break
	record.Disturbance.Turns = []evidence.PointRef{{Claim: c.ID, Point: "it answers"}}
	if stays {
		return
	}
	c.Verdict, c.Drift = claim.Refuted, true
	c.Points[0].Observed = claim.SawFalse
	c.Points[0].Evidence = []evidence.Evidence{{Truth: claim.SawFalse}}
}

func TestInterruptedBreaksContinue(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, output := f.noteproof([]string{"HANGS=no-scheduler", "K8S=v1.36.4"}, "breaks")
	g.Expect(cmd.Start()).To(Succeed())
	g.Eventually(func() string { text, _ := os.ReadFile(filepath.Join(f.dir, "out", "asked")); return string(text) }).
		WithTimeout(30 * time.Second).Should(ContainSubstring("hangs"))
	g.Expect(cmd.Process.Signal(os.Interrupt)).To(Succeed())
	g.Expect(exitStatus(cmd.Wait())).To(Equal(1))
	g.Expect(output.String()).To(ContainSubstring("interrupted at the break no-scheduler"))
	g.Expect(f.asked()).To(Equal([]string{"no-proxy claims= keep=1" + asUsual, "no-scheduler claims= keep=" + asUsual, "hangs", "torn down"}))

	cmd, output = f.noteproof(nil, "breaks", "--summary", "docs")
	g.Expect(cmd.Run()).To(Succeed(), output.String())
	g.Expect(output.String()).To(ContainSubstring("1 of 2 breaks are done"))
	g.Expect(f.asked()).To(Equal([]string{"no-scheduler claims= keep=" + asUsual}))
	for _, folder := range []string{"out/breaks", "docs"} {
		text, err := os.ReadFile(filepath.Join(f.dir, folder, "summary.json"))
		g.Expect(err).NotTo(HaveOccurred())
		table := &disturbed.Breaks{}
		g.Expect(json.Unmarshal(text, table)).To(Succeed())
		g.Expect(table.Exact).To(Equal(2))
		g.Expect(filepath.Join(f.dir, folder, "README.md")).To(BeARegularFile())
	}
}

func TestTheExitStatusOfDisturbances(t *testing.T) {
	for name, c := range map[string]struct {
		env    []string
		args   string
		status int
		says   string
	}{
		"all breaks were noticed":       {nil, "breaks", 0, "README.md"},
		"one break was not noticed":     {[]string{"STAYS=no-proxy"}, "breaks", 1, "expected to turn and did not: 1"},
		"one break left no record":      {[]string{"DIES=no-proxy"}, "breaks", 1, "breaks whose run failed: 1"},
		"no break is of that name":      {nil, "breaks --only xyz", exitUsage, "the suite has no break that"},
		"not an expression":             {nil, "breaks --only (", exitUsage, "not a regular expression"},
		"a table of a part is not kept": {nil, "breaks --only proxy --summary docs", exitUsage, "--summary is for all breaks"},
		"under a fault all is right":    {nil, "faults", 0, "README.md"},
		"a fault produced a drift":      {[]string{"DRIFTS=no-dns"}, "faults", 1, "wrong answers: 1"},
		"not a version":                 {[]string{"K8S=abc"}, "breaks", exitUsage, "not a Kubernetes version"},
		"on a cluster of others":        {[]string{"KUBECONFIG_FILE=go.mod"}, "faults", exitUsage, "noteproof's own"},
		"with sabotaged scenarios":      {[]string{"SABOTAGE=1"}, "breaks", exitUsage, "unset SABOTAGE"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			cmd, output := newField(t).noteproof(c.env, strings.Fields(c.args)...)
			g.Expect(exitStatus(cmd.Run())).To(Equal(c.status), output.String())
			g.Expect(output.String()).To(ContainSubstring(c.says))
		})
	}
}

func TestOnlySomeBreaks(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, output := f.noteproof([]string{"KEEP=1", "CLAIMS=^pod"}, "breaks", "--only", "sched")
	g.Expect(cmd.Run()).To(Succeed(), output.String())
	g.Expect(f.asked()).To(Equal([]string{"no-scheduler claims=^pod keep=1" + asUsual}))
}

func TestCleanKeepsTheReportsOfRunningBreaks(t *testing.T) {
	g := NewWithT(t)
	log := &bytes.Buffer{}
	t.Setenv("NOTEPROOF_OUT", "")
	d := dirs{out: t.TempDir(), log: progress.New(log)}
	ds := disturbed.Series{Dir: d.out, Kind: evidence.Break, Version: "v1.37.2", Trials: []disturbed.Named{{Name: "no-proxy"}}}
	ds.Run = func(context.Context, string, bool) error { return d.removeReports() }
	_, err := ds.Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(log.String()).To(ContainSubstring("breaks or faults is running"))
	g.Expect(d.out).To(BeADirectory())
}
