package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/soak"
)

func (f *field) soak(env []string, args ...string) (cmd *exec.Cmd, output *bytes.Buffer) {
	return f.noteproof(env, append([]string{"soak"}, args...)...)
}

// ran returns the log of the go command in one run of the soak.
func (f *field) ran(run int) []string {
	text, _ := os.ReadFile(filepath.Join(f.dir, "out", "soak", fmt.Sprintf("run-%02d", run), "asked"))
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// summary returns the summary of a soak in a directory below the field.
func (f *field) summary(folder string) *soak.Summary {
	text, err := os.ReadFile(filepath.Join(f.dir, folder, "summary.json"))
	s := &soak.Summary{}
	if err == nil {
		err = json.Unmarshal(text, s)
	}
	if err != nil {
		f.Fatal(err)
	}
	return s
}

func TestAnInterruptedSoakContinues(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, output := f.soak([]string{"HANGS=run-03", "CLAIMS=^pod", "K8S=v1.36.4"}, "--runs", "4", "--summary", "docs")
	g.Expect(cmd.Start()).To(Succeed())
	g.Eventually(func() []string { return f.ran(3) }).WithTimeout(30 * time.Second).Should(ContainElement("hangs"))
	g.Expect(f.summary("out/soak").Runs).To(HaveLen(2), "the summary is written after each run")
	g.Expect(cmd.Process.Signal(os.Interrupt)).To(Succeed())
	g.Expect(exitStatus(cmd.Wait())).To(Equal(1))
	g.Expect(output.String()).To(ContainSubstring("interrupted in run 3; noteproof soak continues there"))
	g.Expect(f.ran(3)).To(Equal([]string{"v1.36.4 claims=^pod keep=1" + asUsual, "hangs", "torn down"}))
	g.Expect(filepath.Join(f.dir, "docs")).NotTo(BeADirectory(), "the summary of an incomplete soak is not copied")

	first := f.summary("out/soak").Runs[0]
	cmd, output = f.soak(nil, "--summary", "docs")
	g.Expect(cmd.Run()).To(Succeed(), output.String())
	g.Expect(output.String()).To(ContainSubstring("2 of 4 runs are done"))
	for run, keep := range []string{"1", "1", "1", ""} { // the last one removes the cluster
		g.Expect(f.ran(run + 1)).To(ContainElement("v1.36.4 claims=^pod keep=" + keep + asUsual))
	}
	for _, folder := range []string{"out/soak", "docs"} {
		s := f.summary(folder)
		g.Expect(s.Runs).To(HaveLen(4))
		g.Expect(s.Runs[0]).To(Equal(first), "completed runs are not repeated")
		g.Expect(s.Finished).NotTo(BeZero())
		g.Expect(filepath.Join(f.dir, folder, "README.md")).To(BeARegularFile())
	}
}

func TestTheExitStatusOfASoak(t *testing.T) {
	for _, c := range []struct {
		name   string
		env    []string
		status int
		says   []string
	}{
		{"all is the same", nil, 0, []string{"the same, and as expected, in 3 runs"}},
		{"one run drifted", []string{"DRIFTS=run-02"}, 1, []string{"run 2 (loaded): pod.localhost holds, drift, usually holds", "1 result was"}},
		{"one run left no record", []string{"DIES=run-03"}, 1, []string{"run 3 (idle): pod.localhost not run, usually holds", "1 of 3 runs failed"}},
		{"it has nothing to load", []string{"KUBECONFIG_FILE=go.mod"}, 2, []string{"noteproof verify --kubeconfig"}},
		{"it is sabotaged", []string{"SABOTAGE=1"}, 2, []string{"noteproof sabotage"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			cmd, output := newField(t).soak(c.env, "--runs", "3")
			g.Expect(exitStatus(cmd.Run())).To(Equal(c.status), output.String())
			for _, says := range c.says {
				g.Expect(output.String()).To(ContainSubstring(says))
			}
		})
	}
}

func TestASoakKeepsTheClusterWhenAskedTo(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, output := f.soak([]string{"KEEP=1"}, "--runs", "2", "--", "./claims", "-count=1")
	g.Expect(cmd.Run()).To(Succeed(), output.String())
	for run := 1; run <= 2; run++ {
		g.Expect(f.ran(run)).To(ContainElement(HaveSuffix("claims= keep=1: test ./claims -count=1")))
	}
}

func TestCleanKeepsTheReportsOfARunningSoak(t *testing.T) {
	g := NewWithT(t)
	log := &bytes.Buffer{}
	t.Setenv("NOTEPROOF_OUT", "")
	d := dirs{out: t.TempDir(), log: progress.New(log)}
	k := soak.Soak{Dir: d.soakDir(), Version: "v1.37.2", Runs: 2, Run: func(context.Context, *soak.Run, bool) (error, error) {
		return nil, d.removeReports()
	}}
	_, err := k.Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(log.String()).To(ContainSubstring("a soak is running"))
	g.Expect(d.out).To(BeADirectory())
	g.Expect(d.removeReports()).To(Succeed())
	g.Expect(d.out).NotTo(BeADirectory())
}
