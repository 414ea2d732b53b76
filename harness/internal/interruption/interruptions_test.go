//go:build interruptions && linux

package interruption

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/cluster"
	"github.com/noteproof/noteproof/harness/internal/engine"
	"github.com/noteproof/noteproof/harness/internal/environ"
)

// endsWithin is how long an interrupted run may take to end, and what it left to be removed: 30 s, and as much again where the machine is
// slow. The time that it took is logged.
const endsWithin = time.Minute

// beginsWithin is how long a run may take until it reaches a stage. The first one may have to build the images.
const beginsWithin = 50 * time.Minute

// stages are the stages of a run, with a text that it prints when it reaches them.
var stages = []struct{ name, says string }{
	{"cluster", "kind: preparing nodes"},
	{"scenarios", "(1 done"},
	{"removal", "delete the cluster"},
}

// ways are the ways to end a run.
var ways = []struct {
	name   string
	signal syscall.Signal
	// toAll sends the signal to all processes of the run, as a terminal does; otherwise only the go command gets it.
	toAll bool
}{
	{"Ctrl-C", syscall.SIGINT, true},
	{"SIGTERM", syscall.SIGTERM, false},
	{"SIGHUP", syscall.SIGHUP, true},
	{"SIGKILL", syscall.SIGKILL, true},
}

func TestInterruption(t *testing.T) {
	cache, err := environ.Cache(os.Getenv, "")
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.Detect(t.Context(), engine.Options{Name: os.Getenv("NOTEPROOF_ENGINE"), Dir: filepath.Join(cache, "engine")})
	if err == nil {
		err = eng.Activate()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range stages {
		for _, way := range ways {
			t.Run(stage.name+"/"+way.name, func(t *testing.T) {
				g := NewWithT(t)
				before := objects(t.Context(), g, eng)
				out := t.TempDir()
				run, reached, ended := start(t, out, stage.says)
				timeout, cancel := context.WithTimeout(t.Context(), beginsWithin)
				defer cancel()
				select {
				case <-reached:
				case <-ended:
					t.Fatal("the run has ended without reaching this stage")
				case <-timeout.Done():
					t.Fatalf("the run has not reached this stage within %s", beginsWithin)
				}
				target := run.Process.Pid
				if way.toAll {
					target = -target
				}
				interrupted := time.Now()
				g.Expect(syscall.Kill(target, way.signal)).To(Succeed())
				g.Eventually(func() error { return syscall.Kill(-run.Process.Pid, 0) }).WithTimeout(endsWithin).WithPolling(100*time.Millisecond).
					Should(MatchError(syscall.ESRCH), "no process of the run is left")
				if way.signal == syscall.SIGKILL { // what it left, the next run removes
					g.Eventually(func() error { return cluster.Sweep(t.Context(), eng, nil, cluster.Kubeconfigs(cache, eng)) }).
						WithTimeout(endsWithin).WithPolling(time.Second).Should(Succeed())
				}
				g.Eventually(func() []string { return objects(t.Context(), g, eng) }).WithTimeout(endsWithin).WithPolling(500 * time.Millisecond).
					Should(Equal(before))
				t.Logf("nothing is left after %s", time.Since(interrupted).Round(100*time.Millisecond))
				seeRecord(g, out, stage.name, way.signal)
			})
		}
	}
}

// start starts a run of three claims. reached is closed when it prints this text, and ended when it has ended.
func start(t *testing.T, out, says string) (run *exec.Cmd, reached, ended chan struct{}) {
	t.Helper()
	run = exec.Command("go", "test", "./scenarios/...", "-count=1", "-timeout=60m")
	run.Dir = "../../.."
	run.Env = append(os.Environ(), "GOWORK=off", "KEEP=0", "SABOTAGE=0", "KUBECONFIG_FILE=", "NOTEPROOF_OUT="+out,
		`CLAIMS=^(pod\.localhost|label\.key-value|volume\.shared-in-pod)$`)
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := run.StderrPipe()
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	reached = make(chan struct{})
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(stderr)
		for seen := false; lines.Scan(); {
			t.Log(lines.Text())
			if !seen && strings.Contains(lines.Text(), says) {
				seen = true
				close(reached)
			}
		}
		_, _ = io.Copy(io.Discard, stderr)
	}()
	ended = make(chan struct{})
	go func() { // at once, so that no zombie is left in its group
		defer close(ended)
		_, _ = run.Process.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL)
		<-ended
		<-read
	})
	return run, reached, ended
}

// seeRecord sees that the record is whole and says that the run was cut off, and why if the run could tell.
func seeRecord(g Gomega, out, stage string, signal syscall.Signal) {
	links, err := filepath.Glob(filepath.Join(out, "v*", evidence.RecordFile))
	g.Expect(errors.Join(err)).NotTo(HaveOccurred())
	g.Expect(links).To(HaveLen(1))
	record, err := evidence.Load(links[0])
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(record.Partial).To(BeTrue())
	if signal != syscall.SIGKILL {
		g.Expect(record.Failure).To(ContainSubstring("interrupted"))
		g.Expect(record.Finished.IsZero()).To(BeFalse())
	}
	for _, c := range record.Claims {
		g.Expect(c.Drift).To(BeFalse(), c.ID)
		if stage == "cluster" && c.Reason != evidence.NotChosen {
			g.Expect(c.Verdict).To(Equal(claim.NotRun), c.ID)
		}
	}
}

// objects lists the containers of noteproof, and the networks.
func objects(ctx context.Context, g Gomega, eng *engine.Engine) []string {
	all := []string{}
	for _, list := range [][]string{
		{"ps", "--all", "--format", "{{.Names}}", "--filter", "name=" + cluster.Prefix},
		{"network", "ls", "--format", "{{.Name}}"},
	} {
		text, err := eng.Run(ctx, list...)
		g.Expect(err).NotTo(HaveOccurred())
		all = append(all, strings.Fields(text)...)
	}
	slices.Sort(all)
	return all
}
