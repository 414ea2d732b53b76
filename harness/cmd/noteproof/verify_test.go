package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// verify runs the command verify and returns its exit status and its two outputs.
func (f *field) verify(env []string, args ...string) (status int, stdout, stderr string) {
	f.Helper()
	if err := os.MkdirAll(filepath.Join(f.dir, "out"), 0o755); err != nil {
		f.Fatal(err)
	}
	cmd, _ := f.noteproof(append([]string{"NOTEPROOF_OUT=" + filepath.Join(f.dir, "out"), "K8S=v1.37.2"}, env...), append([]string{"verify"}, args...)...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	return exitStatus(cmd.Run()), out.String(), err.String()
}

func TestVerifyPassesFlagsAndArgumentsOn(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	team := filepath.Join(t.TempDir(), "team.yaml")
	g.Expect(os.WriteFile(team, []byte(strings.ReplaceAll(inputs["good.yaml"], "name: team", "name: staging")), 0o600)).To(Succeed())
	status, stdout, stderr := f.verify([]string{"KEEP=1"}, `^pod\.`, "--kubernetes", "v1.36.4", "--keep=false", "--context", "staging", "--kubeconfig", team)
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(f.asked()).To(Equal([]string{`v1.36.4 claims=^pod\. keep=false` + asUsual + " -args -context staging"}))
	g.Expect(stdout).To(And(ContainSubstring("pod.localhost"), ContainSubstring("holds")))

	status, _, stderr = f.verify([]string{"KEEP=1"}, "--", "./mine", "-v")
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(f.asked()).To(Equal([]string{"v1.37.2 claims= keep=1: test ./mine -v"}))

	status, _, stderr = f.verify(nil, "--", "-timeout=90m", "-run", "TestClaims")
	g.Expect(status).To(BeZero(), stderr)
	g.Expect(f.asked()).To(Equal([]string{"v1.37.2 claims= keep=" + asUsual + " -timeout=90m -run TestClaims"}))
}

func TestVerifyFindsTheRecordOfABrokenRun(t *testing.T) {
	g := NewWithT(t)
	status, stdout, stderr := newField(t).verify([]string{"NOTEPROOF_DISTURB=no-kube-proxy"})
	g.Expect(stdout).To(ContainSubstring("pod.localhost"), stderr)
	g.Expect(status).NotTo(Equal(4))
}

func TestVerifyPrintsTheResultOnStandardOutput(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	status, stdout, _ := f.verify(nil, "-o", "json")
	g.Expect(status).To(BeZero())
	var record evidence.Record
	g.Expect(json.Unmarshal([]byte(stdout), &record)).To(Succeed(), stdout)
	g.Expect(record.Claims).To(HaveLen(1))

	_, stdout, stderr := f.verify(nil, "-q")
	g.Expect(stdout).To(ContainSubstring("pod.localhost"))
	g.Expect(stderr).To(BeEmpty())
}

func TestTheExitStatusOfVerify(t *testing.T) {
	for name, c := range map[string]struct {
		env, args []string
		status    int
		says      string
	}{
		"drift":          {[]string{"DRIFTS=v1.37.2"}, nil, 1, "pod.localhost drifted"},
		"no record":      {[]string{"DIES=v1.37.2"}, []string{"-q"}, 4, "nothing was run: go test"},
		"wrong flag":     {nil, []string{"--nonsense"}, 2, "unknown flag: --nonsense"},
		"wrong argument": {nil, []string{"one", "two"}, 2, "got 2 arguments"},
		"wrong form":     {nil, []string{"-o", "xml"}, 2, "want table or json"},
		"wrong allow":    {nil, []string{"--allow", "everything"}, 2, "--allow: \"everything\" is not a permission"},
		"wrong factor":   {[]string{"NOTEPROOF_TIMEOUT_FACTOR=0"}, nil, 2, "NOTEPROOF_TIMEOUT_FACTOR: \"0\" is not a timeout factor"},
		"wrong version":  {nil, []string{"--kubernetes", "abc"}, 2, "not a Kubernetes version"},
		"no version":     {nil, []string{"--kubernetes", ""}, 2, "--kubernetes is empty; without the flag the default version is run"},
		"wrong engine":   {nil, []string{"--engine", "lxc"}, 2, "is not supported"},
		"wrong keep":     {[]string{"KEEP=maybe"}, nil, 2, "KEEP=\"maybe\""},
		"no such file":   {nil, []string{"--kubeconfig", "nowhere.yaml"}, 2, "there is no kubeconfig nowhere.yaml"},
		"no such image":  {nil, []string{"--node-image", "mine.tar"}, 2, "--node-image: there is no archive "},
		"not an image":   {[]string{"NOTEPROOF_NODE_IMAGE=kindest/Node"}, nil, 2, "NOTEPROOF_NODE_IMAGE: \"kindest/Node\" is neither the path of an archive nor"},
		"wrong claims":   {nil, []string{"("}, 2, "not a regular expression"},
		"a context only": {nil, []string{"--context", "staging"}, 2, "needs --kubeconfig"},
		"no kubeconfig":  {nil, []string{"--kubeconfig", ""}, 2, "--kubeconfig is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status, _, stderr := newField(t).verify(c.env, c.args...)
			g.Expect(status).To(Equal(c.status), stderr)
			g.Expect(stderr).To(ContainSubstring(c.says))
		})
	}
}

// fakeDocker is a container engine that has the node image mine/node, of v1.36.4.
const fakeDocker = `#!/bin/sh
case "$*" in
info*) echo '{"ServerVersion": "29.0.0", "CgroupVersion": "2"}' ;;
*inspect\ mine/node) echo '[{}]' ;;
run*mine/node*) echo v1.36.4 ;;
*) exit 1 ;;
esac
`

func TestVerifyWithANodeImageOfOnesOwn(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	g.Expect(os.WriteFile(filepath.Join(f.bin, "docker"), []byte(fakeDocker), 0o755)).To(Succeed())
	status, _, stderr := f.verify(nil, "--node-image", "mine/node")
	g.Expect(status).To(Equal(2), stderr)
	g.Expect(stderr).To(ContainSubstring("the node image mine/node: it has another version: it is of Kubernetes v1.36.4, and v1.37.2 is asked for"))
	g.Expect(f.asked()).To(Equal([]string{""}), "nothing is run")

	for _, version := range []string{"v1.36.4", "1.36"} {
		status, _, stderr = f.verify(nil, "--node-image", "mine/node", "--kubernetes", version)
		g.Expect(status).To(BeZero(), stderr)
		g.Expect(f.asked()).To(Equal([]string{version + " claims= keep=" + asUsual}))
	}
	status, _, stderr = f.verify([]string{"NOTEPROOF_NODE_IMAGE=localhost:1/other"})
	g.Expect(status).To(Equal(2), stderr)
	g.Expect(stderr).To(ContainSubstring("the node image localhost:1/other: the container engine does not have it, and localhost:1/other:latest cannot be pulled"))
}

func TestAnInterruptedVerifyCleansUp(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	out := filepath.Join(f.dir, "out")
	g.Expect(os.MkdirAll(out, 0o755)).To(Succeed())
	cmd, output := f.noteproof([]string{"NOTEPROOF_OUT=" + out, "K8S=v1.37.2", "HANGS=v1.37.2"}, "verify")
	g.Expect(cmd.Start()).To(Succeed())
	g.Eventually(func() string { text, _ := os.ReadFile(filepath.Join(out, "asked")); return string(text) }).
		WithTimeout(30 * time.Second).Should(ContainSubstring("hangs"))
	g.Expect(cmd.Process.Signal(os.Interrupt)).To(Succeed())
	g.Expect(exitStatus(cmd.Wait())).To(Equal(exitNotRun), output.String())
	g.Expect(f.asked()).To(Equal([]string{"v1.37.2 claims= keep=" + asUsual, "hangs", "torn down"}))
}

func TestTheOutcomeOfARunThatWasCutOff(t *testing.T) {
	g := NewWithT(t)
	killed := &evidence.Record{Claims: []*evidence.Claim{{ID: "pod.x", Verdict: claim.Inconclusive, Reason: "it was not finished"}}}
	g.Expect(status(outcome([]*evidence.Record{killed}, errors.New("signal: killed")), true)).To(Equal(exitNotRun))
	g.Expect(status(noticed([]*evidence.Record{killed}, errors.New("signal: killed")), true)).To(Equal(exitNotRun))
}

func TestOutcome(t *testing.T) {
	failed := errors.New("exit status 1")
	entry := func(v claim.Verdict) *evidence.Claim { return &evidence.Claim{ID: "pod.x", Verdict: v} }
	for name, c := range map[string]struct {
		record  *evidence.Record
		failure error
		status  int
	}{
		"as expected":                {&evidence.Record{Claims: []*evidence.Claim{entry(claim.Refuted), entry(claim.NotRun)}}, nil, 0},
		"inconclusive":               {&evidence.Record{Claims: []*evidence.Claim{entry(claim.Inconclusive)}}, failed, exitInconclusive},
		"drift beside inconclusive":  {&evidence.Record{Claims: []*evidence.Claim{entry(claim.Inconclusive), {Drift: true}}}, failed, exitFailed},
		"flip":                       {&evidence.Record{Claims: []*evidence.Claim{{Flip: &evidence.Flip{Turn: evidence.Away}}}}, failed, exitFailed},
		"something left":             {&evidence.Record{Failure: "left a namespace", Claims: []*evidence.Claim{entry(claim.Holds)}}, failed, exitNotRun},
		"a failure without a reason": {&evidence.Record{Claims: []*evidence.Claim{entry(claim.Holds)}}, failed, exitNotRun},
		"nothing but not run":        {&evidence.Record{Claims: []*evidence.Claim{entry(claim.NotRun), entry(claim.NotRun)}}, nil, exitNotRun},
		"no record":                  {nil, nil, exitNotRun},
	} {
		t.Run(name, func(t *testing.T) {
			var records []*evidence.Record
			if c.record != nil {
				records = append(records, &evidence.Record{}, c.record) // of two suites
			}
			for _, record := range records {
				record.Finished = time.Now()
			}
			NewWithT(t).Expect(status(outcome(records, c.failure), true)).To(Equal(c.status))
		})
	}
}

func TestListOmitsTheOutputOfGoTest(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, _ := f.noteproof(nil, "explain", "pod.localhost")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	g.Expect(cmd.Run()).To(Succeed(), stderr.String())
	g.Expect(stdout.String()).To(Equal("asked: -explain pod.localhost\n"))
	g.Expect(stderr.String()).To(ContainSubstring("!  a record cannot be read"))
}

func TestAnAccountWithMistakesIsPrinted(t *testing.T) {
	g := NewWithT(t)
	cmd, _ := newField(t).noteproof(nil, "notes")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	g.Expect(exitStatus(cmd.Run())).To(Equal(1))
	g.Expect(stdout.String()).To(Equal("  1  NOT COVERED  Pods\n"))
	g.Expect(stderr.String()).To(ContainSubstring("line 1 is not covered"))
}

func TestExplainNeedsAClaim(t *testing.T) {
	g := NewWithT(t)
	cmd, output := newField(t).noteproof(nil, "explain", "")
	g.Expect(exitStatus(cmd.Run())).To(Equal(exitUsage))
	g.Expect(output.String()).To(ContainSubstring("name one claim"))
}

func TestGoTestArgs(t *testing.T) {
	for typed, added := range map[string]bool{
		"":                                      true,
		"-run TestClaims/pod.localhost":         true,
		"-v -run=X":                             true,
		"-args -claims ./scenarios/...":         true,
		"-v ./scenarios/...":                    false,
		"-run TestClaims/pod.localhost ./other": false,
		"-count=1 example.com/notes/scenarios":  false,
	} {
		want := strings.Fields(typed)
		if added {
			want = append(suiteArgs(), want...)
		}
		NewWithT(t).Expect(goTestArgs(strings.Fields(typed))).To(Equal(want), typed)
	}
}
