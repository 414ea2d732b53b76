package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/matrix"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/series"
)

func TestVersionsReportsWhatIsNewerThanTheLastMatrix(t *testing.T) {
	available := []nodeimage.Available{{Version: "v1.37.2", Origin: nodeimage.Present}, {Version: "v1.36.4", Origin: nodeimage.FromGo}}
	last := &matrix.State{Versions: []*matrix.Row{{Version: "v1.37.1", Row: series.Row{Finished: time.Now()}}, {Version: "v1.36.4", Row: series.Row{Finished: time.Now()}}}}
	text, err := json.Marshal(compareVersions(available, last))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"version":"v1.37.2","minor":"1.37","origin":"present","new":true},{"version":"v1.36.4","minor":"1.36","origin":"module","new":false}]`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	shown := describeVersions(compareVersions(available, last), last)
	for _, line := range []string{"│ v1.37.2 │ its node image is present   │ new", "│ v1.36.4 │ its node image can be built │     "} {
		if !strings.Contains(shown, line) {
			t.Errorf("the table lacks %q:\n%s", line, shown)
		}
	}
	if shown := describeVersions(nil, nil); !strings.Contains(shown, "no matrix has been run") {
		t.Errorf("it does not show why all are new:\n%s", shown)
	}
}

func TestNoVersionsAreAnEmptyArray(t *testing.T) {
	if text, err := json.Marshal(compareVersions(nil, nil)); err != nil || string(text) != "[]" {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestAKeptMatrixIsTheLastIfNoneHasBeenRun(t *testing.T) {
	g := NewWithT(t)
	out, kept := t.TempDir(), t.TempDir()
	g.Expect(lastMatrix(out, kept)).To(BeNil())

	for _, version := range []string{"v1.36.4", "v1.37.2"} {
		began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		_, err := evidence.NewRecorder(filepath.Join(kept, version, evidence.RecordFile), &evidence.Record{
			Version: version, Started: began, Finished: began.Add(time.Hour),
		})
		g.Expect(err).NotTo(HaveOccurred())
	}
	last, err := lastMatrix(out, kept)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(last.New("v1.37.2")).To(BeFalse())
	g.Expect(last.New("v1.37.3")).To(BeTrue())

	g.Expect(os.WriteFile(filepath.Join(out, "matrix.json"), []byte(`{"versions": []}`), 0o644)).To(Succeed())
	last, err = lastMatrix(out, kept)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(last.New("v1.37.2")).To(BeTrue(), "a matrix that was run here has priority over a kept one")
}
