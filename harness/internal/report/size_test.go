package report_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/report"
	"github.com/noteproof/noteproof/harness/notes"
)

// large returns records of a matrix as large as is foreseen: 15 versions and 5 variants of at least 100 points each, with the
// evidence of a real run.
func large(t testing.TB) []*evidence.Record {
	t.Helper()
	var records []*evidence.Record
	add := func(version, variant string) {
		record, err := evidence.Load("../../../docs/matrix/v1.37.2/verdicts.json")
		if err != nil {
			t.Fatal(err)
		}
		record.Version, record.Variant = version, variant
		points := 0
		for _, c := range record.Claims {
			points += len(c.Points)
		}
		for i := 0; points < 100; i++ { // further claims, as those that there are
			more := *record.Claims[i]
			more.ID += "-2"
			record.Claims = append(record.Claims, &more)
			points += len(more.Points)
		}
		const korean = "컨트롤러가 관리하는 Pod가 사라지면 새 IP를 가진 Pod로 대체된다. "
		for _, c := range record.Claims {
			c.Remark = claim.Remark{KO: korean + korean + korean, EN: "As long as three sentences of a remark, each of which says what a reader should learn, in English.", Docs: "/docs/concepts/workloads/pods/"}
			for i := range c.Points {
				c.Points[i].SaysKO = korean
			}
		}
		records = append(records, record)
	}
	for minor := 23; minor <= 37; minor++ {
		add(fmt.Sprintf("v1.%d.2", minor), "")
	}
	for _, variant := range []string{"dual-stack", "five-workers", "ipv6", "nftables", "calico"} {
		add("v1.37.2", variant)
	}
	return records
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
