package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/progress"
)

// run runs the command line and returns what it printed.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := root()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestReportOfAnInterruptedRun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v1.37.2", "verdicts.json")
	_, err := evidence.NewRecorder(path, &evidence.Record{
		Version: "v1.37.2", Partial: true, Started: time.Now(),
		Claims: []*evidence.Claim{{ID: "pod.localhost", Quote: "둘째 줄", Verdict: claim.Holds, Expected: claim.Holds}},
	})
	if err != nil {
		t.Fatal(err)
	}
	lecture := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(lecture, []byte("첫 줄\n둘째 줄\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "report", "--notes", lecture, path, filepath.Join(dir, "none.json"))
	if err == nil || !strings.Contains(err.Error(), "none.json") {
		t.Errorf("the missing record is not named: %v", err)
	}
	if !strings.Contains(out, "v1.37.2 (partial)") {
		t.Errorf("the table of the existing record was not printed:\n%s", out)
	}
	for _, name := range []string{"verdicts.md", "junit.xml", "notes.ko.md"} {
		written := filepath.Join(dir, "v1.37.2", name)
		if _, err := os.Stat(written); err != nil {
			t.Error(err)
		}
		if !strings.Contains(out, written) {
			t.Errorf("the path %s was not printed", written)
		}
	}
}

func TestRemoveKeepsDirectoriesOfVariables(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "precious")
	var log bytes.Buffer
	d := dirs{log: progress.New(&log)}
	remove := func() bool {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, "inner"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := d.remove("the reports", dir, "NOTEPROOF_OUT"); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	}
	t.Setenv("NOTEPROOF_OUT", dir)
	if remove() {
		t.Error("a folder that NOTEPROOF_OUT names was removed")
	}
	if !strings.Contains(log.String(), "remove them yourself") {
		t.Errorf("the directory that is kept was not logged: %q", log.String())
	}
	t.Setenv("NOTEPROOF_OUT", "")
	if !remove() {
		t.Error("a folder of ours was not removed")
	}
}

func TestEveryCommandHasADescription(t *testing.T) {
	for _, cmd := range root().Commands() {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: want a short description, got %q", cmd.Name(), cmd.Short)
		}
	}
}

func TestTheSuiteIsFoundBelowTheModuleRoot(t *testing.T) {
	module := t.TempDir()
	below := filepath.Join(module, "manifests", "pod")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(module, "go.mod"), []byte("module notes\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{module: "./scenarios/...", below: "../../scenarios/..."} {
		t.Chdir(dir)
		if got := suiteArgs()[0]; got != want {
			t.Errorf("in %s the suite is %s, want %s", dir, got, want)
		}
		d, err := newDirs()
		if err != nil || d.out != filepath.Join(module, "out") {
			t.Errorf("in %s records are in %s (%v), want them in the module", dir, d.out, err)
		}
	}
}

func TestOutsideAModuleASuiteCannotBeListed(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := run(t, "list")
	if status(err, true) != exitUsage || !strings.Contains(err.Error(), "no go.mod in") {
		t.Errorf("got %v", err)
	}
}

func TestOurNamesOfImages(t *testing.T) {
	got := ourNames("localhost/noteproof/kind-node:v1.36.4\ndocker.io/kindest/node:v1.36.4\nlocalhost/other:1\n<none>:<none>\n")
	if !slices.Equal(got, []string{"localhost/noteproof/kind-node:v1.36.4"}) {
		t.Errorf("they are %q", got)
	}
}
