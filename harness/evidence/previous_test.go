package evidence_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

// ran writes what a run writes, and returns the previous answers.
func ran(t *testing.T, out, folder, version string, claims ...*evidence.Claim) evidence.Previous {
	t.Helper()
	dir, err := evidence.NewRun(filepath.Join(out, folder), rand.String(5), time.Now())
	if err == nil {
		err = dir.Unread
	}
	if err != nil {
		t.Fatal(err)
	}
	record := &evidence.Record{Version: version, Claims: claims}
	if _, err := evidence.NewRecorder(filepath.Join(dir.Path, evidence.RecordFile), record); err != nil {
		t.Fatal(err)
	}
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	return dir.Previous
}

func saw(id string, observed claim.Observed) *evidence.Claim {
	return entry(id, point("it is so", true, observed, "saw "+observed.String()))
}

func notRun(id string) *evidence.Claim {
	c := saw(id, claim.Nothing)
	c.Verdict = claim.NotRun
	return c
}

func TestARunKeepsEarlierAnswers(t *testing.T) {
	out := t.TempDir()
	first := saw("pod.a", claim.SawTrue)
	first.Diagnosis, first.Flip = &evidence.Diagnosis{}, &evidence.Flip{}
	if previous := ran(t, out, "v1.37.2", "v1.37.2", first, saw("pod.b", claim.SawTrue)); previous.Flip(saw("pod.a", claim.SawFalse)) != nil {
		t.Error("the very first run has something to compare with")
	}
	ran(t, out, "v1.37.2", "v1.37.2", saw("pod.a", claim.Nothing), notRun("pod.b")) // only some claims, and no answer
	ran(t, out, "v1.37.2", "", notRun("pod.a"), notRun("pod.b"))                    // no cluster
	previous := ran(t, out, "v1.37.2", "v1.37.2", saw("pod.b", claim.SawFalse))     // one answer
	for _, id := range []string{"pod.a", "pod.b"} {
		flip := previous.Flip(saw(id, claim.SawFalse))
		if flip == nil || flip.Turn != evidence.Away || flip.Version != "v1.37.2" || flip.Points[0].Evidence[0].Saw != "saw true" {
			t.Errorf("%s: the flip is %+v, want one from what the first run saw", id, flip)
		}
	}
	previous = ran(t, out, "v1.37.2", "v1.37.2")
	if flip := previous.Flip(saw("pod.b", claim.SawTrue)); flip == nil || flip.Verdict != claim.Refuted {
		t.Errorf("the flip is %+v, want one from the last answer, not from the first", flip)
	}
	kept, err := evidence.Load(filepath.Join(out, "v1.37.2", evidence.PreviousFile))
	if err != nil {
		t.Fatal(err)
	}
	if len(kept.Claims) != 2 || slices.ContainsFunc(kept.Claims, func(c *evidence.Claim) bool { return c.Diagnosis != nil || c.Flip != nil }) {
		t.Errorf("previous.json holds %d claims, or what is not compared", len(kept.Claims))
	}
}

func TestANewVersionIsComparedWithTheNearestOlderOne(t *testing.T) {
	out := t.TempDir()
	ran(t, out, "v1.9.11", "v1.9.11", saw("pod.a", claim.SawFalse), saw("pod.old", claim.SawTrue))
	ran(t, out, "v1.36.4", "v1.36.4", saw("pod.a", claim.SawTrue))
	ran(t, out, "v1.37.2", "v1.37.2", saw("pod.a", claim.SawFalse))
	ran(t, out, "v1.36.9@team", "v1.36.9", saw("pod.a", claim.SawFalse))
	ran(t, out, "sabotage/v1.36.4", "v1.36.4", saw("pod.a", claim.SawFalse))
	ran(t, out, "v1.36.5+nftables", "v1.36.5", saw("pod.a", claim.SawFalse))
	previous := ran(t, out, "v1.37.0", "v1.37.0", notRun("pod.a"))
	for id, want := range map[string]string{"pod.a": "v1.36.4", "pod.old": "v1.9.11"} {
		if flip := previous.Flip(saw(id, claim.SawFalse)); flip == nil || flip.Version != want {
			t.Errorf("%s is compared with %+v, want %s", id, flip, want)
		}
	}
	if flip := previous.Flip(saw("pod.new", claim.SawFalse)); flip != nil {
		t.Errorf("a claim that nobody ever answered flipped: %+v", flip)
	}
	team := ran(t, out, "v1.37.2@team", "v1.37.2")
	if flip := team.Flip(saw("pod.a", claim.SawTrue)); flip == nil || flip.Version != "v1.36.9" {
		t.Errorf("the team's cluster is compared with %+v, want its own older version", flip)
	}
}

func TestUnreadableRecordsAreReportedAndKept(t *testing.T) {
	out := t.TempDir()
	dir := filepath.Join(out, "v1.37.2")
	ran(t, out, "v1.36.4", "v1.36.4", saw("pod.a", claim.SawTrue))
	ran(t, out, "v1.37.2", "v1.37.2", saw("pod.b", claim.SawTrue))
	newer := filepath.Join(dir, evidence.PreviousFile)
	if err := os.WriteFile(newer, []byte(`{"schema": 99}`), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := filepath.EvalSymlinks(newer)
	if err != nil {
		t.Fatal(err)
	}
	run, err := evidence.NewRun(dir, "next", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if run.Unread == nil || !strings.Contains(run.Unread.Error(), before) {
		t.Errorf("the error is %v, want one that names %s", run.Unread, before)
	}
	if text, _ := os.ReadFile(before); string(text) != `{"schema": 99}` {
		t.Errorf("what a newer noteproof wrote became %s", text)
	}
	if run.Previous.Flip(saw("pod.a", claim.SawFalse)) == nil {
		t.Error("what can be read is not compared with")
	}
}

func TestFolder(t *testing.T) {
	for _, test := range []struct{ version, adopted, want string }{
		{"v1.37.2", "", "v1.37.2"},
		{"v1.37.2+nftables", "", "v1.37.2+nftables"},
		{"v1.37.2", "kind-team", "v1.37.2@kind-team"},
		{"v1.34.1-gke.100", "arn:aws:eks:a-1:1:cluster/x y", "v1.34.1-gke.100@arn-aws-eks-a-1-1-cluster-x-y~c138350b"},
		{"v1.37.2", "me@there", "v1.37.2@me-there~e21b1b55"},
		{"v1.37.2", "운영", "v1.37.2@~0928a1b8"},
		{"v1.37.2", "개발", "v1.37.2@~a5ac2b72"},
		{"", "", "no-cluster"},
		{"", "../../etc/passwd", "no-cluster@etc-passwd~3754d6cb"},
		{"../..", "", "no-cluster"},
	} {
		if got := evidence.Folder(test.version, test.adopted); got != test.want {
			t.Errorf("Folder(%q, %q) = %q, want %q", test.version, test.adopted, got, test.want)
		}
	}
}

func TestRecordsOfAnotherClusterOfTheSameNameAreNotCompared(t *testing.T) {
	out := t.TempDir()
	run := func(uid string, observed claim.Observed) *evidence.Flip {
		current := saw("pod.a", observed)
		dir, err := evidence.NewRun(filepath.Join(out, "v1.37.2@kind-kind"), rand.String(5), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		environment := evidence.Environment{ClusterUID: uid}
		flip := dir.Previous.Of(environment).Flip(current)
		record := &evidence.Record{Version: "v1.37.2", Environment: environment, Claims: []*evidence.Claim{current}}
		if _, err := evidence.NewRecorder(filepath.Join(dir.Path, evidence.RecordFile), record); err != nil {
			t.Fatal(err)
		}
		return flip
	}
	run("one", claim.SawFalse)
	if flip := run("two", claim.SawTrue); flip != nil {
		t.Errorf("a claim flipped between two clusters: %+v", flip)
	}
	if flip := run("two", claim.SawFalse); flip == nil {
		t.Error("no flip on the same cluster")
	}
	if flip := run("", claim.SawTrue); flip == nil {
		t.Error("no flip although the cluster may be the same")
	}
}
