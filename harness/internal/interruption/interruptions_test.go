//go:build interruptions && linux

package interruption

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
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

// endsWithin is how long an interrupted run may take to end, and what it left to be removed. The time that it took is logged.
const endsWithin = 30 * time.Second

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
	to      target
	// atOnce means that the run cannot remove anything: the next one does.
	atOnce bool
	// restart means that the machine restarts, after which the engine's containers are stopped.
	restart bool
}

// target is the process that gets the signals.
type target int

const (
	everyProcess target = iota // of the run, as a terminal does it
	toGo
	toMake // which has started the go command
	toTest
)

var ways = []way{
	{name: "Ctrl-C", signals: []syscall.Signal{syscall.SIGINT}},
	{name: "two-Ctrl-C", signals: []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, atOnce: true},
	{name: "SIGTERM", signals: []syscall.Signal{syscall.SIGTERM}, to: toGo},
	{name: "SIGTERM-make", signals: []syscall.Signal{syscall.SIGTERM}, to: toMake},
	{name: "SIGTERM-test", signals: []syscall.Signal{syscall.SIGTERM}, to: toTest},
	{name: "SIGHUP", signals: []syscall.Signal{syscall.SIGHUP}},
	{name: "SIGKILL", signals: []syscall.Signal{syscall.SIGKILL}, atOnce: true},
	{name: "restart", signals: []syscall.Signal{syscall.SIGKILL}, atOnce: true, restart: true},
}

func TestInterruption(t *testing.T) {
	notIgnoringHangups(t)
	for _, stage := range stages {
		for _, way := range ways {
			t.Run(stage.name+"/"+way.name, func(t *testing.T) {
				run := interrupt(t, way, stage.name == "image", func(run *run) { run.await(t, stage.says) })
				g := NewWithT(t)
				seeRecord(g, run.record(g), stage, way.atOnce)
			})
		}
	}
}

// TestInterruptionAtRandom interrupts runs at random moments, of which many are between the stages, and kills others.
func TestInterruptionAtRandom(t *testing.T) {
	notIgnoringHangups(t)
	var asked, killed []way
	for _, w := range ways {
		switch {
		case w.to == toTest: // which may not have started
		case w.signals[0] == syscall.SIGKILL:
			killed = append(killed, w)
		default:
			asked = append(asked, w)
		}
	}
	for i := range 10 {
		atRandom(t, asked[i%len(asked)])
	}
	for i := range 5 {
		atRandom(t, killed[i%len(killed)])
	}
}

// atRandom interrupts a run in this way at a random moment.
func atRandom(t *testing.T, by way) {
	moment := rand.N(runTakes).Truncate(time.Second)
	t.Run(moment.String()+"/"+by.name, func(t *testing.T) {
		run := interrupt(t, by, false, func(run *run) {
			select {
			case <-run.ended:
			case <-time.Tick(max(moment, time.Millisecond)): // of 0 it would return nil
			}
		})
		g := NewWithT(t)
		links, err := filepath.Glob(filepath.Join(run.out, "v*", evidence.RecordFile))
		g.Expect(err).NotTo(HaveOccurred())
		if len(links) == 0 { // the run had not begun
			return
		}
		for _, c := range run.record(g).Claims {
			g.Expect(c.Drift).To(BeFalse(), c.ID)
		}
	})
}

// runTakes is about how long a run of three claims takes if the node image is there.
const runTakes = 75 * time.Second

// notIgnoringHangups lets runs end at SIGHUP also under nohup. They would inherit that the signal is ignored, and rightly go on. They do
// not inherit a handler.
func notIgnoringHangups(t *testing.T) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
}

// interrupt starts a run, waits until it is time, interrupts it, and sees that nothing is left.
func interrupt(t *testing.T, by way, fresh bool, wait func(*run)) *run {
	t.Helper()
	g := NewWithT(t)
	eng, sweep := activate(t)
	before := objects(t.Context(), g, eng)
	run := start(t, fresh, by.to.command()...)
	wait(run)
	interrupted := time.Now()
	run.signal(g, by)
	if by.restart {
		stopContainers(t.Context(), g, eng)
	}
	left := func(g Gomega) []string {
		if by.atOnce { // what is left is removed by the next run, once the lease of the interrupted one has ended
			g.Expect(sweep(t.Context())).To(Succeed())
		}
		return objects(t.Context(), g, eng)
	}
	remaining := func() time.Duration { return time.Until(interrupted.Add(endsWithin)) }
	g.Eventually(run.ended).WithTimeout(remaining()).Should(BeClosed())
	g.Eventually(left).WithTimeout(remaining()).WithPolling(500 * time.Millisecond).Should(Equal(before))
	g.Eventually(run.processes).WithTimeout(remaining()).WithPolling(100*time.Millisecond).Should(BeEmpty(), "no process of the run is left")
	t.Logf("nothing is left after %s", time.Since(interrupted).Round(100*time.Millisecond))
	return run
}

// TestInterruptionByLimit lets the limit of go test end a run, which has to end before that.
func TestInterruptionByLimit(t *testing.T) {
	eng, _ := activate(t)
	g := NewWithT(t)
	before := objects(t.Context(), g, eng)
	run := start(t, false, goTest("-timeout=1m")...) // of which the half is left to clean up; a cluster takes longer than the other half
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
	eng, _ := activate(t)
	out := t.TempDir()
	if err := syscall.Mount("tmpfs", out, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("mounting a small file system needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(out, syscall.MNT_DETACH) })
	g := NewWithT(t)
	before := objects(t.Context(), g, eng)
	run := startIn(t, out, false, goTest("-timeout=60m")...)
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

// TestInterruptionByPanic lets the body of one claim panic, which is trouble of that claim only.
func TestInterruptionByPanic(t *testing.T) {
	eng, _ := activate(t)
	g := NewWithT(t)
	file, err := filepath.Abs("../../../scenarios/label_key_value_test.go")
	g.Expect(err).NotTo(HaveOccurred())
	source, err := os.ReadFile(file)
	g.Expect(err).NotTo(HaveOccurred())
	const body = "Body: func(s *scenario.S) {\n"
	g.Expect(string(source)).To(ContainSubstring(body))
	panics := filepath.Join(t.TempDir(), "panics_test.go")
	g.Expect(os.WriteFile(panics, []byte(strings.Replace(string(source), body, body+`panic("in this body")`+"\n", 1)), 0o600)).To(Succeed())
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	words, err := json.Marshal(map[string]any{"Replace": map[string]string{file: panics}})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(os.WriteFile(overlay, words, 0o600)).To(Succeed())

	before := objects(t.Context(), g, eng)
	run := start(t, false, goTest("-timeout=60m", "-vet=off", "-overlay="+overlay)...)
	<-run.ended
	g.Expect(run.status).NotTo(BeZero())
	g.Eventually(run.processes).WithTimeout(endsWithin).Should(BeEmpty())
	g.Expect(objects(t.Context(), g, eng)).To(Equal(before))
	record := run.record(g)
	g.Expect(record.Finished.IsZero()).To(BeFalse())
	for _, c := range record.Claims {
		switch {
		case c.ID == "label.key-value":
			g.Expect(c.Verdict).To(Equal(claim.Inconclusive))
			g.Expect(c.Reason).To(ContainSubstring("it panicked: in this body"))
		case c.Reason != evidence.NotChosen:
			g.Expect(c.Verdict).To(Equal(claim.Holds), c.ID)
		}
	}
}

// activate returns the engine, and what removes from it what dead runs left, which it has done once.
func activate(t *testing.T) (eng *engine.Engine, sweep func(context.Context) error) {
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
	sweep = func(ctx context.Context) error { return cluster.Sweep(ctx, eng, nil, cluster.Kubeconfigs(cache, eng)) }
	if err := sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return eng, sweep
}

// run is a run of three claims.
type run struct {
	pid            int // of the command, which leads a process group
	out            string
	lines          chan string
	outputs, ended chan struct{} // closed when the output is read, and when the command has ended
	status         int           // of the command, once it has ended
}

// goTest returns the command that runs the scenarios.
func goTest(flags ...string) []string {
	return append([]string{"go", "test", "./scenarios/...", "-count=1"}, flags...)
}

// command returns the command that starts a run which has a process of this kind.
func (t target) command() []string {
	if t == toMake {
		return []string{"make", "verify"}
	}
	return goTest("-timeout=60m")
}

// start starts a run. With fresh it has no cache and wants a version for which no image was built.
func start(t *testing.T, fresh bool, command ...string) *run {
	return startIn(t, t.TempDir(), fresh, command...)
}

// startIn starts a run whose results are in the folder out.
func startIn(t *testing.T, out string, fresh bool, words ...string) *run {
	t.Helper()
	r := &run{out: out, lines: make(chan string, 100_000), outputs: make(chan struct{}), ended: make(chan struct{})}
	command := exec.Command(words[0], words[1:]...)
	command.Dir = "../../.."
	command.Env = append(os.Environ(), "GOWORK=off", "KEEP=0", "SABOTAGE=0", "KUBECONFIG_FILE=", outVariable+r.out,
		`CLAIMS=^(pod\.localhost|label\.key-value|volume\.shared-in-pod)$`)
	if fresh {
		command.Env = append(command.Env, "K8S=v1.30.0", "NOTEPROOF_CACHE="+t.TempDir())
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = theirs, theirs
	err = command.Start()
	_ = theirs.Close() // the processes of the run have it
	if err != nil {
		t.Fatal(err)
	}
	r.pid = command.Process.Pid
	go func() {
		defer close(r.outputs)
		defer output.Close() //nolint:errcheck // it was only read
		for lines := bufio.NewScanner(output); lines.Scan(); {
			r.lines <- lines.Text()
		}
		_, _ = io.Copy(io.Discard, output)
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
	pid := r.pid // of go or make
	switch by.to {
	case everyProcess:
		pid = -pid
	case toTest:
		pid = r.test(g)
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
		if err := syscall.Kill(pid, s); !ended() {
			g.Expect(err).NotTo(HaveOccurred())
		}
	}
}

// outVariable is set for each process of a run, however far down, to a value that no other run has.
const outVariable = "NOTEPROOF_OUT="

// processes lists the commands of the processes of the run by process id.
func (r *run) processes() (map[int]string, error) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil, err
	}
	found := map[int]string{}
	for _, file := range files {
		environment, err := os.ReadFile(file)
		if err != nil || !slices.Contains(strings.Split(string(environment), "\x00"), outVariable+r.out) {
			continue // it has ended, or it is another user's
		}
		dir := filepath.Dir(file)
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			return nil, err
		}
		if args, err := os.ReadFile(filepath.Join(dir, "cmdline")); err == nil {
			found[pid] = strings.ReplaceAll(string(args), "\x00", " ")
		}
	}
	return found, nil
}

// test returns the id of the process of the scenarios' test.
func (r *run) test(g Gomega) int {
	processes, err := r.processes()
	g.Expect(err).NotTo(HaveOccurred())
	maps.DeleteFunc(processes, func(_ int, command string) bool {
		program, _, _ := strings.Cut(command, " ")
		return filepath.Base(program) != "scenarios.test"
	})
	g.Expect(processes).To(HaveLen(1))
	return slices.Collect(maps.Keys(processes))[0]
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
	all := containers(ctx, g, eng, "--all")
	for _, list := range [][]string{
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

// containers lists the containers of noteproof, of which the flags say more.
func containers(ctx context.Context, g Gomega, eng *engine.Engine, flags ...string) []string {
	text, err := eng.Run(ctx, append([]string{"ps", "--format", "{{.Names}}", "--filter", "name=" + cluster.Prefix}, flags...)...)
	g.Expect(err).NotTo(HaveOccurred())
	return append([]string{}, strings.Fields(text)...)
}

// stopContainers stops the containers of noteproof at once, as a restart of the machine does. Some may end by themselves meanwhile.
func stopContainers(ctx context.Context, g Gomega, eng *engine.Engine) {
	for _, name := range containers(ctx, g, eng) {
		_, _ = eng.Run(ctx, "stop", "--time=0", name)
	}
	g.Expect(containers(ctx, g, eng)).To(BeEmpty())
}
