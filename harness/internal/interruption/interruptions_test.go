//go:build interruptions && linux

package interruption

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
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

// stage is a stage of a run.
type stage struct {
	name string
	says string // a text that the run prints when it reaches the stage
	// begun means that claims have begun, and judged that all of them have been judged.
	begun, judged bool
}

var stages = []stage{
	{name: "image", says: "(for 30s"},
	{name: "cluster", says: "kind: preparing nodes"},
	{name: "scenarios", says: "(1 done", begun: true},
	{name: "removal", says: "delete the cluster", begun: true, judged: true},
	{name: "reports", says: "╭", begun: true, judged: true},
}

// way is a way to end a run.
type way struct {
	name    string
	signals []syscall.Signal
	// toAll sends the signals to all processes of the run, as a terminal does; otherwise only the go command gets them.
	toAll bool
	// atOnce means that the run cannot remove anything: the next one does.
	atOnce bool
}

var ways = []way{
	{name: "Ctrl-C", signals: []syscall.Signal{syscall.SIGINT}, toAll: true},
	{name: "two-Ctrl-C", signals: []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, toAll: true, atOnce: true},
	{name: "SIGTERM", signals: []syscall.Signal{syscall.SIGTERM}},
	{name: "SIGHUP", signals: []syscall.Signal{syscall.SIGHUP}, toAll: true},
	{name: "SIGKILL", signals: []syscall.Signal{syscall.SIGKILL}, toAll: true, atOnce: true},
}

func TestInterruption(t *testing.T) {
	cache, eng := activate(t)
	// Under nohup, runs would inherit that SIGHUP is ignored, and rightly go on. They do not inherit a handler.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for _, stage := range stages {
		for _, way := range ways {
			t.Run(stage.name+"/"+way.name, func(t *testing.T) {
				g := NewWithT(t)
				sweep := func(ctx context.Context) error { return cluster.Sweep(ctx, eng, nil, cluster.Kubeconfigs(cache, eng)) }
				g.Expect(sweep(t.Context())).To(Succeed()) // what an earlier failure left
				before := objects(t.Context(), g, eng)
				run := start(t, stage.name == "image", "-timeout=60m")
				run.await(t, stage.says)
				interrupted := time.Now()
				run.signal(g, way)
				if way.atOnce { // what is left is removed by the next run
					g.Eventually(run.ended).WithTimeout(endsWithin).Should(BeClosed())
					g.Eventually(sweep).WithContext(t.Context()).WithTimeout(endsWithin).WithPolling(time.Second).Should(Succeed())
				}
				g.Eventually(run.processes).WithTimeout(endsWithin).WithPolling(100*time.Millisecond).Should(BeEmpty(), "no process of the run is left")
				g.Eventually(func() []string { return objects(t.Context(), g, eng) }).WithTimeout(endsWithin).WithPolling(500 * time.Millisecond).
					Should(Equal(before))
				t.Logf("nothing is left after %s", time.Since(interrupted).Round(100*time.Millisecond))
				seeRecord(g, run.record(g), stage, way.atOnce)
			})
		}
	}
}

// TestInterruptionByLimit lets the limit of go test end a run, which has to end before that.
func TestInterruptionByLimit(t *testing.T) {
	_, eng := activate(t)
	g := NewWithT(t)
	before := objects(t.Context(), g, eng)
	run := start(t, false, "-timeout=1m") // of which the half is left to clean up; a cluster takes longer than the other half
	<-run.ended
	g.Eventually(run.processes).WithTimeout(endsWithin).Should(BeEmpty())
	g.Expect(objects(t.Context(), g, eng)).To(Equal(before))
	record := run.record(g)
	g.Expect(record.Finished.IsZero()).To(BeFalse())
	g.Expect(record.Failure).To(ContainSubstring("-timeout of go test"))
	for _, c := range record.Claims {
		g.Expect(c.Drift).To(BeFalse(), c.ID)
	}
}

// TestInterruptionByFullDisk fills the disk that the results are on while a run is writing them.
func TestInterruptionByFullDisk(t *testing.T) {
	_, eng := activate(t)
	out := t.TempDir()
	if err := syscall.Mount("tmpfs", out, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("mounting a small file system needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(out, syscall.MNT_DETACH) })
	g := NewWithT(t)
	before := objects(t.Context(), g, eng)
	run := startIn(t, out, false, "-timeout=60m")
	run.await(t, "kind: preparing nodes")
	if err := os.WriteFile(filepath.Join(out, "full"), make([]byte, 2<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	<-run.ended
	<-run.outputs
	g.Expect(run.status).NotTo(BeZero())
	g.Expect(run.rest()).To(ContainSubstring("no space left on device"))
	g.Eventually(run.processes).WithTimeout(endsWithin).Should(BeEmpty())
	g.Expect(objects(t.Context(), g, eng)).To(Equal(before))
	g.Expect(run.record(g).Finished.IsZero()).To(BeTrue(), "the record is what could be written last")
}

// activate returns the folder of the caches and the engine.
func activate(t *testing.T) (cache string, eng *engine.Engine) {
	t.Helper()
	cache, err := environ.Cache(os.Getenv, "")
	if err != nil {
		t.Fatal(err)
	}
	eng, err = engine.Detect(t.Context(), engine.Options{Name: os.Getenv("NOTEPROOF_ENGINE"), Dir: filepath.Join(cache, "engine")})
	if err == nil {
		err = eng.Activate()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cache, eng
}

// run is a run of three claims, started by go test.
type run struct {
	pid            int // of go test, which leads a process group
	out            string
	lines          chan string
	outputs, ended chan struct{} // closed when the output is read, and when go test has ended
	status         int           // of go test, once it has ended
}

// start starts a run. With fresh it has no cache and wants a version for which no image was built.
func start(t *testing.T, fresh bool, limit string) *run { return startIn(t, t.TempDir(), fresh, limit) }

// startIn starts a run whose results are in the folder out.
func startIn(t *testing.T, out string, fresh bool, limit string) *run {
	t.Helper()
	r := &run{out: out, lines: make(chan string, 100_000), outputs: make(chan struct{}), ended: make(chan struct{})}
	command := exec.Command("go", "test", "./scenarios/...", "-count=1", limit)
	command.Dir = "../../.."
	command.Env = append(os.Environ(), "GOWORK=off", "KEEP=0", "SABOTAGE=0", "KUBECONFIG_FILE=", outVariable+r.out,
		`CLAIMS=^(pod\.localhost|label\.key-value|volume\.shared-in-pod)$`)
	if fresh {
		command.Env = append(command.Env, "K8S=v1.30.0", "NOTEPROOF_CACHE="+t.TempDir())
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	r.pid = command.Process.Pid
	go func() {
		defer close(r.outputs)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			r.lines <- lines.Text()
		}
		_, _ = io.Copy(io.Discard, stderr)
	}()
	go func() { // at once, so that no zombie is left in its group
		defer close(r.ended)
		if state, err := command.Process.Wait(); err == nil {
			r.status = state.ExitCode()
		}
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-r.pid, syscall.SIGKILL)
		<-r.ended
		<-r.outputs
		t.Log(r.rest())
	})
	return r
}

// await waits until the run prints this text.
func (r *run) await(t *testing.T, says string) {
	t.Helper()
	timeout, cancel := context.WithTimeout(t.Context(), beginsWithin)
	defer cancel()
	for {
		select {
		case line := <-r.lines:
			t.Log(line)
			if strings.Contains(line, says) {
				return
			}
		case <-r.ended:
			t.Fatal("the run has ended without reaching this stage")
		case <-timeout.Done():
			t.Fatalf("the run has not reached this stage within %s", beginsWithin)
		}
	}
}

// rest returns the output that was not read yet.
func (r *run) rest() string {
	var lines []string
	for {
		select {
		case line := <-r.lines:
			lines = append(lines, line)
		default:
			return strings.Join(lines, "\n")
		}
	}
}

// signal sends the signals of a way, each after the run has reacted to the one before. The run may end by itself meanwhile.
func (r *run) signal(g Gomega, by way) {
	target := r.pid
	if by.toAll {
		target = -target
	}
	ended := func() bool {
		select {
		case <-r.ended:
			return true
		default:
			return false
		}
	}
	reacted := func() bool {
		return strings.Contains(r.rest(), "a second signal") || ended()
	}
	for i, s := range by.signals {
		if i > 0 {
			g.Eventually(reacted).WithTimeout(endsWithin).Should(BeTrue())
		}
		if err := syscall.Kill(target, s); !ended() {
			g.Expect(err).NotTo(HaveOccurred())
		}
	}
}

// outVariable is set for each process of a run, however far down, to a value that no other run has.
const outVariable = "NOTEPROOF_OUT="

// processes lists the processes of the run.
func (r *run) processes() ([]string, error) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, file := range files {
		environment, err := os.ReadFile(file)
		if err != nil || !slices.Contains(strings.Split(string(environment), "\x00"), outVariable+r.out) {
			continue // it has ended, or it is another user's
		}
		if args, err := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline")); err == nil {
			found = append(found, strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return found, nil
}

// record loads the run's record.
func (r *run) record(g Gomega) *evidence.Record {
	links, err := filepath.Glob(filepath.Join(r.out, "v*", evidence.RecordFile))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(links).To(HaveLen(1))
	record, err := evidence.Load(links[0])
	g.Expect(err).NotTo(HaveOccurred())
	return record
}

// seeRecord sees that the record is whole and says that the run was cut off, and why if the run could tell.
func seeRecord(g Gomega, record *evidence.Record, stage stage, atOnce bool) {
	if !atOnce || !stage.judged { // the last write may have been made before the run was killed
		g.Expect(record.Finished.IsZero()).To(Equal(atOnce))
	}
	if !atOnce && !stage.judged {
		g.Expect(record.Failure).To(ContainSubstring("interrupted"))
	}
	for _, c := range record.Claims {
		g.Expect(c.Drift).To(BeFalse(), c.ID)
		switch {
		case c.Reason == evidence.NotChosen:
		case stage.judged:
			g.Expect(c.Verdict).To(Equal(claim.Holds), c.ID)
		case !stage.begun:
			g.Expect(c.Verdict).To(Equal(claim.NotRun), c.ID)
		}
	}
}

// objects lists the containers of noteproof, the networks and the volumes.
func objects(ctx context.Context, g Gomega, eng *engine.Engine) []string {
	all := []string{}
	for _, list := range [][]string{
		{"ps", "--all", "--format", "{{.Names}}", "--filter", "name=" + cluster.Prefix},
		{"network", "ls", "--format", "{{.Name}}"},
		{"volume", "ls", "--format", "{{.Name}}"},
	} {
		text, err := eng.Run(ctx, list...)
		g.Expect(err).NotTo(HaveOccurred())
		all = append(all, strings.Fields(text)...)
	}
	slices.Sort(all)
	return all
}
