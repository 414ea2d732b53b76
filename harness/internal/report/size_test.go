package report_test

import (
	"os"
	"path/filepath"
	"slices"
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
	newest, err := evidence.Load("../../../docs/matrix/v1.37.2/verdicts.json")
	if err != nil {
		t.Fatal(err)
	}
	var records []*evidence.Record
	for _, path := range paths {
		record, err := evidence.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, grown(record, newest))
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

// grown returns a record with 100 points or more. What an older one has not, claims and points, is that of the newest; the rest are
// claims once more.
func grown(record, newest *evidence.Record) *evidence.Record {
	full := *record
	full.Claims = nil
	points := 0
	for _, again := range []string{"", "-2"} {
		for _, c := range newest.Claims {
			if points >= 100 {
				break
			}
			if i := slices.IndexFunc(record.Claims, func(old *evidence.Claim) bool { return old.ID == c.ID && len(old.Points) == len(c.Points) }); i >= 0 {
				c = record.Claims[i]
			}
			more := *c
			more.ID += again
			full.Claims = append(full.Claims, &more)
			points += len(more.Points)
		}
	}
	return &full
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
