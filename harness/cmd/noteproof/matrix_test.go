package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/matrix"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// role is the variable for the role of the test binary when a test starts it: the command itself, or its go command.
const role = "NOTEPROOF_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "noteproof":
		os.Setenv(role, "go") // for the children
		main()
	case "go":
		if len(os.Args) > 1 && os.Args[1] == burnCommand {
			main()
			return
		}
		os.Exit(goCommand())
	case "parent":
		loadUntilKilled()
	default:
		os.Exit(m.Run())
	}
}

// goCommand replaces go test: it logs its arguments, and writes a record. For DRIFTS it writes the record of a claim that
// drifted, for DIES none, and for HANGS it waits until it is interrupted. The value of these variables is a version, the
// directory of a run, or a disturbance.
func goCommand() int {
	version, out, disturbance := os.Getenv("K8S"), os.Getenv("NOTEPROOF_OUT"), os.Getenv("NOTEPROOF_DISTURB")
	is := func(name string) bool {
		return slices.Contains([]string{version, filepath.Base(out), disturbance}, cmp.Or(os.Getenv(name), "nobody"))
	}
	if os.Args[len(os.Args)-1] == "-disturbances" {
		fmt.Fprint(os.Stderr, listing)
		return 0
	}
	if at := slices.Index(os.Args, "-explain"); at > 0 {
		fmt.Fprintf(os.Stderr, "  0:01 !  a record cannot be read\nasked: %s\n", strings.Join(os.Args[at:], " "))
		fmt.Println("ok  \texample.com/notes/scenarios\t0.1s")
		return 0
	}
	if os.Args[len(os.Args)-1] == "-notes" {
		fmt.Fprintln(os.Stderr, "  1  NOT COVERED  Pods")
		fmt.Println("line 1 is not covered\nFAIL\texample.com/notes/scenarios\t0.1s")
		return 1
	}
	if os.Args[len(os.Args)-1] == "-claims" {
		if strings.Contains(os.Getenv("K8S"), " ") {
			fmt.Println("K8S is not a version")
			return 1
		}
		if os.Getenv("CLAIMS") == "typo" {
			fmt.Println("CLAIMS=typo chooses none of the claims")
			return 1
		}
		return 0
	}
	if len(os.Args) < 2 || os.Args[1] != "test" {
		return 2 // these tests use exact versions, which need no look-up
	}
	note(out, fmt.Sprintf("%s claims=%s keep=%s: %s", cmp.Or(disturbance, version), os.Getenv("CLAIMS"), os.Getenv("KEEP"), strings.Join(os.Args[1:], " ")))
	if n := burners(); n > 0 {
		note(out, fmt.Sprintf("%d CPUs kept busy", n))
	}
	if is("DIES") {
		return 1
	}
	record := &evidence.Record{Version: version, Started: time.Now().UTC(), Claims: []*evidence.Claim{
		{ID: "pod.localhost", Verdict: claim.Holds, Expected: claim.Holds, Drift: is("DRIFTS")},
	}}
	folder := version
	if disturbance != "" {
		disturb(record, disturbance, is("STAYS"))
		folder = filepath.Join("disturbed", disturbance, version)
	}
	if !is("HANGS") {
		record.Finished = time.Now().UTC()
	}
	path := filepath.Join(out, folder, evidence.RecordFile)
	if _, err := evidence.NewRecorder(path, record); err != nil {
		return 3
	}
	if to := os.Getenv("NOTEPROOF_RECORD"); to != "" && os.WriteFile(to, []byte(path+"\n"), 0o600) != nil {
		return 3
	}
	if is("HANGS") {
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		note(out, "hangs")
		<-interrupted
		note(out, "torn down")
		return 1
	}
	if record.Failed() && record.Disturbance == nil {
		return 1
	}
	return 0
}

// note adds a line to the log of the go command.
func note(out, line string) {
	file, err := os.OpenFile(filepath.Join(out, "asked"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		fmt.Fprintln(file, line)
		file.Close()
	}
}

// burners returns the number of processes that our parent has started to keep CPUs busy; 0 if the system has no /proc.
func burners() int {
	n := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, _ := os.ReadFile(path)
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		args, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if len(fields) > 1 && fields[1] == strconv.Itoa(os.Getppid()) && strings.HasSuffix(string(args), "\x00"+burnCommand+"\x00") {
			n++
		}
	}
	return n
}

// loadUntilKilled is the role of a process that is killed while it keeps CPUs busy: it prints its burners' process IDs.
func loadUntilKilled() {
	os.Setenv(role, "go")
	l, err := startLoad(context.Background(), 2)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, burner := range l.burners {
		fmt.Println(burner.Process.Pid)
	}
	fmt.Println("started")
	select {}
}

// field is a directory in which commands run with a fake go command and without an engine.
type field struct {
	*testing.T
	dir, bin string
}

func newField(t *testing.T) *field {
	t.Helper()
	f := &field{T: t, dir: t.TempDir(), bin: t.TempDir()}
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(f.bin, "go"))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(f.dir, "go.mod"), []byte("module field\n"), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// noteproof returns the command as make starts it.
func (f *field) noteproof(env []string, args ...string) (cmd *exec.Cmd, output *bytes.Buffer) {
	self, _ := os.Executable()
	cmd, output = exec.CommandContext(f.Context(), self, args...), &bytes.Buffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.dir, output, output
	cmd.Env = append([]string{role + "=noteproof", "PATH=" + f.bin, "HOME=" + f.dir, "NOTEPROOF_CACHE=cache"}, env...)
	return cmd, output
}

func (f *field) matrix(env []string, args ...string) (cmd *exec.Cmd, output *bytes.Buffer) {
	return f.noteproof(env, append([]string{"matrix"}, args...)...)
}

// asked returns and removes the log of the go command.
func (f *field) asked() []string {
	path := filepath.Join(f.dir, "out", "asked")
	text, _ := os.ReadFile(path)
	os.Remove(path)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

const asUsual = ": test ./scenarios/... -count=1 -timeout=60m"

func TestAnInterruptedMatrixContinues(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, output := f.matrix([]string{"HANGS=v1.36.4", "CLAIMS=^pod", "KEEP=1", "K8S=v1.35.4 v1.36.4 v1.37.2"}, "--versions", "v1.35.4 v1.36.4 v1.37.2")
	g.Expect(cmd.Start()).To(Succeed())
	hanging := filepath.Join(f.dir, "out", "asked")
	g.Eventually(func() string { text, _ := os.ReadFile(hanging); return string(text) }).
		WithTimeout(30 * time.Second).Should(ContainSubstring("hangs"))
	g.Expect(cmd.Process.Signal(os.Interrupt)).To(Succeed())
	g.Expect(exitStatus(cmd.Wait())).To(Equal(1))
	g.Expect(output.String()).To(ContainSubstring("interrupted at v1.36.4; noteproof matrix continues there"))
	g.Expect(f.asked()).To(Equal([]string{
		"v1.35.4 claims=^pod keep=" + asUsual, "v1.36.4 claims=^pod keep=" + asUsual, "hangs", "torn down",
	}))

	cmd, output = f.matrix(nil)
	g.Expect(cmd.Run()).To(Succeed(), output.String())
	g.Expect(output.String()).To(And(ContainSubstring("continuing"), ContainSubstring("1 of 3 versions are done")))
	g.Expect(f.asked()).To(Equal([]string{"v1.36.4 claims=^pod keep=" + asUsual, "v1.37.2 claims=^pod keep=" + asUsual}))
	for _, page := range []string{"index.html", "verdicts.md", "junit.xml", "verdicts.json"} {
		g.Expect(filepath.Join(f.dir, "out", page)).To(BeARegularFile())
	}
}

func TestTheExitStatusOfAMatrix(t *testing.T) {
	for _, c := range []struct {
		name, env string
		status    int
		says      []string
	}{
		{"all is as expected", "", 0, []string{"v1.36.4"}},
		{"one version drifted", "DRIFTS=v1.36.4", 1, []string{"1 of 2 versions did not come out as expected: v1.36.4"}},
		{"one version left no record", "DIES=v1.36.4", 1, []string{"v1.36.4, no cluster", "left no record", "1 of 2 versions"}},
		{"no such claim", "CLAIMS=typo", 2, []string{"chooses none of the claims"}},
		{"one node image", "NOTEPROOF_NODE_IMAGE=mine/node", 2, []string{"noteproof verify --node-image"}},
		{"an existing cluster", "KUBECONFIG_FILE=go.mod", 2, []string{"noteproof verify --kubeconfig"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := NewWithT(t)
			cmd, output := newField(t).matrix([]string{c.env}, "--versions", "v1.36.4 v1.37.2")
			g.Expect(exitStatus(cmd.Run())).To(Equal(c.status), output.String())
			for _, says := range c.says {
				g.Expect(output.String()).To(ContainSubstring(says))
			}
		})
	}
}

func TestAMatrixWithOtherArguments(t *testing.T) {
	g := NewWithT(t)
	f := newField(t)
	cmd, output := f.matrix(nil, "--versions", "v1.37.2", "--", "./claims", "-count=1", "-v")
	g.Expect(cmd.Run()).To(Succeed(), output.String())
	g.Expect(f.asked()).To(Equal([]string{"v1.37.2 claims= keep=: test ./claims -count=1 -v"}))
}

func exitStatus(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	default:
		return -1
	}
}

func TestCleanKeepsTheReportsOfARunningMatrix(t *testing.T) {
	g := NewWithT(t)
	log := &bytes.Buffer{}
	d := dirs{out: t.TempDir(), log: progress.New(log)}
	t.Setenv("NOTEPROOF_OUT", "")
	m := matrix.Matrix{Dir: d.out, Versions: []string{"v1.37.2"}, Run: func(context.Context, string) error {
		t.Setenv("NOTEPROOF_CACHE", t.TempDir())
		t.Setenv("NOTEPROOF_OUT", d.out)
		_, err := run(t, "distclean")
		g.Expect(err).To(MatchError(ContainSubstring("uses the caches")))
		t.Setenv("NOTEPROOF_OUT", "")
		return d.removeReports()
	}}
	_, err := m.Go(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(log.String()).To(ContainSubstring("a matrix is running"))
	g.Expect(d.removeReports()).To(Succeed())
	g.Expect(d.out).NotTo(BeADirectory())
}
