package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

// large returns records of a matrix as large as is foreseen: those of the committed versions and variants, at least 15 and 5, with at
// least 100 points each.
func large(t testing.TB) []*evidence.Record {
	t.Helper()
	paths, err := filepath.Glob("../../../docs/matrix/*/verdicts.json")
	if err != nil {
		t.Fatal(err)
	}
	var records []*evidence.Record
	for _, path := range paths {
		record, err := evidence.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, grown(record))
	}
	if last := records[len(records)-1]; len(records) < 20 { // a variant that could not be run
		more := *last
		more.Variant = "calico"
		records = append(records, &more)
	}
	if len(records) < 20 {
		t.Fatalf("there are %d records, want at least 15 versions and 5 variants", len(records))
	}
	return records
}

// grown adds claims to a record, as those that it has, until it has 100 points.
func grown(record *evidence.Record) *evidence.Record {
	points := 0
	for _, c := range record.Claims {
		points += len(c.Points)
	}
	for i := 0; points < 100; i++ {
		more := *record.Claims[i]
		more.ID += "-2"
		record.Claims = append(record.Claims, &more)
		points += len(more.Points)
	}
	return record
}

func TestALargePageStaysSmall(t *testing.T) {
	lecture, err := os.ReadFile("../../../scenarios/lecture.ko.txt")
	if err != nil {
		t.Fatal(err)
	}
	text, err := report.HTML(large(t), notes.Parse(string(lecture)))
	if err != nil {
		t.Fatal(err)
	}
	if want := 1_500_000; len(text) > want {
		t.Errorf("the page has %d bytes, want at most %d", len(text), want)
	}
	if path := os.Getenv("NOTEPROOF_LARGE_PAGE"); path != "" { // to open it in a browser
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	records := large(b)
	for b.Loop() {
		if _, err := report.HTML(records, nil); err != nil {
			b.Fatal(err)
		}
	}
}
