package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/evidence"
)

func TestReportOverSeveralRecords(t *testing.T) {
	out := t.TempDir()
	args := []string{}
	for _, version := range []string{"v1.37.2", "v1.36.4"} {
		path := filepath.Join(out, version, "verdicts.json")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"schema":1,"version":"`+version+`","claims":[]}`), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	cmd := reports()
	var printed bytes.Buffer
	cmd.SetOut(&printed)
	cmd.SetArgs(args)
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.html", "verdicts.md", "junit.xml", "verdicts.json", "v1.37.2/index.html", "v1.36.4/index.html"} {
		path := filepath.Join(out, filepath.FromSlash(name))
		if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "v1.3") {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
		if !strings.Contains(printed.String(), path) {
			t.Errorf("it does not print %s:\n%s", path, printed.String())
		}
	}
}

func TestReportJoinsTheShardsOfAVersion(t *testing.T) {
	g := NewWithT(t)
	out := t.TempDir()
	var paths []string
	for i, shard := range []string{"1/2", "2/2"} {
		claims := []string{`{"id":"pod.a","verdict":"not run","reason":"not chosen for this run"}`, `{"id":"pod.b","verdict":"not run","reason":"not chosen for this run"}`}
		claims[i] = `{"id":"pod.` + "ab"[i:i+1] + `","verdict":"holds","expected":"holds"}`
		path := filepath.Join(out, "shard-"+"12"[i:i+1], "v1.37.2", "verdicts.json")
		g.Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
		g.Expect(os.WriteFile(path, []byte(`{"schema":1,"version":"v1.37.2","shard":"`+shard+`","partial":true,"finished":"2026-11-30T01:00:00Z","claims":[`+strings.Join(claims, ",")+`]}`), 0o644)).To(Succeed())
		paths = append(paths, path)
	}
	for range 2 { // also a second time
		cmd := reports()
		var printed bytes.Buffer
		cmd.SetOut(&printed)
		cmd.SetArgs(paths)
		g.Expect(cmd.Execute()).To(Succeed())
		g.Expect(printed.String()).To(MatchRegexp(`pod\.a .* holds(.|\n)*pod\.b .* holds`))
		joined, err := evidence.Load(filepath.Join(out, "v1.37.2", "verdicts.json"))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(joined.Partial).To(BeFalse())
		g.Expect(joined.Shards).To(HaveLen(2))
	}
	cmd := reports() // a shard alone is reported as it is
	cmd.SetOut(io.Discard)
	cmd.SetArgs(paths[:1])
	g.Expect(cmd.Execute()).To(Succeed())
	record, err := evidence.Load(paths[0])
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(record.Shard).To(Equal(evidence.Shard{Number: 1, Of: 2}))
}

func TestReportWritesTheDriftReport(t *testing.T) {
	for name, test := range map[string]struct {
		claim string
		empty bool
	}{
		"drift": {`{"id":"pod.x","verdict":"refuted","expected":"holds","drift":true,"points":[{"says":"it runs","expected":true,"observed":false}]}`, false},
		"none":  {`{"id":"pod.x","verdict":"inconclusive","expected":"holds"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "v1.37.2")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			path, drift := filepath.Join(dir, "verdicts.json"), filepath.Join(dir, "drift.md")
			if err := os.WriteFile(path, []byte(`{"schema":1,"version":"v1.37.2","claims":[`+test.claim+`]}`), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := reports()
			var printed bytes.Buffer
			cmd.SetOut(&printed)
			cmd.SetArgs([]string{"--drift", drift, path})
			if err := cmd.Execute(); err != nil {
				t.Errorf("the report fails: %v", err)
			}
			text, err := os.ReadFile(drift)
			if err != nil || (len(text) == 0) != test.empty {
				t.Errorf("%s contains %q, %v", drift, text, err)
			}
		})
	}
}

func TestReportsOverAllDoNotReplaceARecord(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "verdicts.json")
	record := []byte(`{"schema":1,"version":"v1.37.2","claims":[]}`)
	if err := os.WriteFile(path, record, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := reports()
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SilenceUsage = true
	cmd.SetArgs([]string{"--over", dir, path})
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "it is the directory of the record of a run") {
		t.Errorf("the error is %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || !bytes.Equal(text, record) {
		t.Errorf("the record was replaced by %s, %v", text, err)
	}
}

func TestWhatIsNoRecordIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "verdicts.json")
	for text, want := range map[string]string{
		`{}`: "it is not the record of a run", `{"runs":[]}`: "it is not the record of a run", `{"schema":1,`: "unexpected end of JSON input",
		`{"schema":1,"claims":[{"id":"a.b","quote":"words"}]}`: "none of the quotes is in the notes",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		notes := filepath.Join(t.TempDir(), "notes.md")
		if err := os.WriteFile(notes, []byte("# Other notes\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := reports()
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		cmd.SilenceUsage = true
		cmd.SetArgs([]string{"--notes", notes, dir, path}) // the same one twice
		if err := cmd.Execute(); err == nil || strings.Count(err.Error(), want) != 1 {
			t.Errorf("of %s the error is %v, want %s once", text, err, want)
		}
	}
}

func TestCommon(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for want, paths := range map[string][]string{
		"out": {"out/v1/verdicts.json", "out/v2/verdicts.json"},
		".":   {"a/v1/verdicts.json", "b/v2/verdicts.json"},
		"/a":  {"/a/b/v1/verdicts.json", "/a/c/v2/verdicts.json"},
		"c":   {filepath.Join(wd, "c", "v1", "verdicts.json"), "c/v2/verdicts.json"},
		"":    {"/a/v1/verdicts.json", "/b/v2/verdicts.json"},
	} {
		got, err := common(paths)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("common(%v) = %s, %v, want %s", paths, got, err, want)
		}
	}
}

func TestOnlyADirectoryWithARecordIsRemoved(t *testing.T) {
	dir := t.TempDir()
	if hasRecord(dir) {
		t.Error("an empty directory has a record")
	}
	deep := filepath.Join(dir, "disturbed", "dns-down", "v1.37.2")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if hasRecord(dir) {
		t.Error("directories without files have a record")
	}
	if err := os.WriteFile(filepath.Join(deep, "verdicts.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !hasRecord(dir) {
		t.Error("the record was not found")
	}
}

func TestTheReportsOfARunThatIsRunningStay(t *testing.T) {
	d := dirs{out: t.TempDir()}
	for _, link := range []string{"v1.37.2", "disturbed/no-dns/v1.37.2"} {
		run, err := evidence.NewRun(filepath.Join(d.out, link), "aaaaa", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if d.running() != "a run" {
			t.Errorf("%s: the run is not seen", link)
		}
		if err := run.Close(); err != nil {
			t.Fatal(err)
		}
		if what := d.running(); what != "" {
			t.Errorf("%s: %s is running, after its end", link, what)
		}
	}
}
