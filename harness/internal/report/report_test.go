package report_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
)

// golden compares got with testdata/name. With UPDATE_GOLDEN=1 it writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (UPDATE_GOLDEN=1 go test ./harness/internal/report writes it); got\n%s", path, got)
	}
}

// sample returns a record with a claim of every verdict and with hostile text.
func sample(t *testing.T) *evidence.Record {
	t.Helper()
	record, err := evidence.Load("testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func TestTable(t *testing.T) { golden(t, "table.txt", report.Table(sample(t), false)) }

func TestTableOmitsWhatWasNotChosen(t *testing.T) {
	record := sample(t)
	record.Claims = append(record.Claims, &evidence.Claim{ID: "pod.other", Verdict: claim.NotRun, Reason: evidence.NotChosen})
	if table := report.Table(record, false); strings.Contains(table, "pod.other") {
		t.Errorf("the table names a claim that was not chosen:\n%s", table)
	}
}

func TestColourTable(t *testing.T) {
	coloured := report.Table(sample(t), true)
	bare := regexp.MustCompile("\x1b\\[[0-9;]+m").ReplaceAllString(coloured, "")
	if coloured == bare {
		t.Error("no colours")
	}
	if bare != report.Table(sample(t), false) {
		t.Errorf("without its colours it differs from Table:\n%s", bare)
	}
}

func TestMarkdown(t *testing.T) {
	page := report.Markdown(sample(t))
	golden(t, "verdicts.md", page)
	outside := withoutFences(page)
	for _, bad := range []string{"<script", "<img", "\x1b", "\u202e", "\a"} {
		if strings.Contains(outside, bad) {
			t.Errorf("the page contains unescaped text of the cluster: %q", bad)
		}
	}
	if open, closed := strings.Count(outside, "<details"), strings.Count(outside, "</details>"); open != closed {
		t.Errorf("%d details open, %d closed", open, closed)
	}
}

// withoutFences returns the page without its fenced blocks, in which text is not escaped.
func withoutFences(page string) string {
	var rest strings.Builder
	fence := ""
	for line := range strings.Lines(page) {
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && len(ticks) >= len(fence) && strings.TrimSpace(line) == ticks:
			fence = ""
		case fence == "":
			rest.WriteString(line)
		}
	}
	return rest.String()
}

func TestJUnit(t *testing.T) {
	text, err := report.JUnit(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "junit.xml", string(text))
	var read junit.Testsuites
	if err := xml.Unmarshal(text, &read); err != nil {
		t.Fatalf("it is not XML: %v", err)
	}
	if read.Tests != 6 || read.Failures != 1 || read.Errors != 1 || read.Skipped != 1 || len(read.Suites) != 3 {
		t.Errorf("tests %d, failures %d, errors %d, skipped %d, suites %d; want 6, 1, 1, 1, 3", read.Tests, read.Failures, read.Errors, read.Skipped, len(read.Suites))
	}
}

func TestAFailedRunIsReportedEverywhere(t *testing.T) {
	record := &evidence.Record{Wanted: "v1.25.16\x07", Failure: "no cluster: port | taken\x1b[31m"}
	xml, err := report.JUnit(record)
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{"table": report.Table(record, false), "Markdown": report.Markdown(record), "JUnit": string(xml)} {
		if !strings.Contains(page, "no cluster: port") || !strings.Contains(page, "Kubernetes v1.25.16, no cluster") || strings.Contains(page, "\x1b") {
			t.Errorf("the %s lacks the failure, or contains it unescaped:\n%s", name, page)
		}
	}
	if !strings.Contains(string(xml), `errors="1"`) {
		t.Errorf("the JUnit XML counts no error:\n%s", xml)
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out", "v1.37.2")
	paths, err := report.Write(dir, sample(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != 3 {
		t.Fatalf("wrote %v, want three files", paths)
	}
	for i, name := range []string{"verdicts.md", "junit.xml", "index.html"} {
		if paths[i] != filepath.Join(dir, name) {
			t.Errorf("path %d is %s, want %s", i, paths[i], name)
		}
		if text, err := os.ReadFile(paths[i]); err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
}
