package lab

import (
	"context"
	"errors"
	"flag"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/rand"
	"sigs.k8s.io/e2e-framework/pkg/envconf"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/nodeimage"
	"github.com/noteproof/noteproof/harness/internal/progress"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/suite"
)

// labOf returns a lab with one claim that is true before v1.24. Its records are written to the directory out.
func labOf(out string) *Lab {
	lab := New(suite.Suite{Scenarios: []suite.Scenario{{
		ID: "pod.x", Quote: "q", Points: []*claim.Point{claim.P("it is so", claim.TrueBefore("1.24"))},
	}}})
	lab.settings.out, lab.id = out, rand.String(5)
	lab.ctx, lab.cleaning = context.Background(), context.Background()
	return lab
}

func TestARunWithoutAClusterRecordsTheRequestedVersion(t *testing.T) {
	g := NewWithT(t)
	lab := labOf(t.TempDir())
	lab.wanted = "v1.23.17"
	g.Expect(lab.begin(evidence.Environment{}, "", errors.New("no node image"))).To(Succeed())
	record, err := evidence.Load(filepath.Join(lab.settings.out, "v1.23.17", "verdicts.json"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(record.Version).To(BeEmpty())
	g.Expect(record.Wanted).To(Equal("v1.23.17"))
	g.Expect(record.Label()).To(Equal("v1.23.17, no cluster"))
	g.Expect(record.Failure).To(Equal("no node image"))
	g.Expect(record.Claims[0].Expected).To(Equal(claim.Holds))
	g.Expect(record.Claims[0].Reproduce).To(ContainSubstring(" K8S=v1.23.17 "))
}

func TestCleanupErrorsAreRecorded(t *testing.T) {
	g := NewWithT(t)
	lab := labOf(t.TempDir())
	lab.log = progress.New(io.Discard)
	g.Expect(lab.begin(evidence.Environment{}, "v1.26.13", nil)).To(Succeed())
	lab.failures = []error{errors.New("pod.x: clean up: namespace np-pod-x did not go")}
	_, err := lab.finish(t.Context(), nil)
	g.Expect(err).To(MatchError(ContainSubstring("did not go")))
	record, err := evidence.Load(lab.recorder.Path())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(record.Failure).To(ContainSubstring("pod.x: clean up: namespace np-pod-x did not go"))
}

// tried begins a record for this version, in which the lab's only claim was observed like this, and returns its entry.
func tried(t *testing.T, lab *Lab, version string, observed claim.Observed) *evidence.Claim {
	t.Helper()
	g := NewWithT(t)
	g.Expect(lab.begin(evidence.Environment{}, version, nil)).To(Succeed())
	entry := lab.entries["pod.x"]
	lab.change(t, func() {
		entry.Points[0].Evidence = []evidence.Evidence{{Looked: "Pods", Saw: "seen on " + version, Truth: observed}}
		entry.Points[0].Witnesses, entry.Points[0].NoContrast = []string{"the probe sees"}, "it has one answer"
		entry.Control = []evidence.Control{{Says: "the probe sees", Kind: evidence.Witness, Passed: true}}
		verdict.Judge(entry, verdict.End{})
		entry.Flip = lab.previous.Flip(entry)
	})
	return entry
}

func TestAVerdictIsComparedWithTheRunBefore(t *testing.T) {
	out := t.TempDir()
	for _, run := range []struct {
		version  string
		observed claim.Observed
		sabotage bool
		turn     evidence.Turn // empty for no flip
		fails    bool
	}{
		{"v1.23.17", claim.SawTrue, false, "", false},
		{"v1.24.17", claim.SawFalse, false, evidence.Foreseen, false},
		{"v1.24.17", claim.SawTrue, true, "", true},   // a sabotage drifts, as it should, and is recorded separately
		{"v1.24.17", claim.SawFalse, true, "", false}, // another sabotage is not compared with it
		{"v1.24.17", claim.SawFalse, false, "", false},
		{"v1.24.17", claim.Nothing, false, "", true},
		{"v1.24.17", claim.SawTrue, false, evidence.Away, true},
		{"v1.24.17", claim.SawTrue, false, "", true}, // the drift stays
		{"v1.24.17", claim.SawFalse, false, evidence.Back, true},
		{"v1.24.17", claim.SawFalse, false, "", false},
		{"v1.23.16", claim.SawTrue, false, "", false}, // there is no record of an older version
	} {
		g := NewWithT(t)
		lab := labOf(out)
		lab.settings.sabotage = run.sabotage
		entry := tried(t, lab, run.version, run.observed)
		g.Expect(entry.Failed()).To(Equal(run.fails))
		record, err := evidence.Load(lab.recorder.Path())
		g.Expect(err).NotTo(HaveOccurred())
		if run.turn == "" {
			g.Expect(record.Claims[0].Flip).To(BeNil(), "%+v", run)
			continue
		}
		g.Expect(record.Claims[0].Flip).NotTo(BeNil(), "%+v", run)
		g.Expect(record.Claims[0].Flip.Turn).To(Equal(run.turn))
		g.Expect(record.Claims[0].Flip.Points[0].Evidence[0].Saw).To(HavePrefix("seen on v1.2"))
	}
}

func TestAFlipIsReportedWithTheEvidenceOfBothRuns(t *testing.T) {
	g := NewWithT(t)
	out := t.TempDir()
	tried(t, labOf(out), "v1.36.4", claim.SawTrue)
	message := failureMessage(tried(t, labOf(out), "v1.37.2", claim.SawFalse))
	g.Expect(message).To(HavePrefix("pod.x: FLIP: "), "from a drift back to what is expected")
	g.Expect(message).To(And(ContainSubstring("now refuted: back to what is expected"), ContainSubstring("seen on v1.36.4"), ContainSubstring("seen on v1.37.2")))
}

func TestWhatATestDoesIsCutOffBeforeGoTestEndsTheProcess(t *testing.T) {
	g := NewWithT(t)
	lab := New(suite.Suite{})
	unlimited, cancel := lab.withTestLimit(t.Context())
	defer cancel()
	_, limited := unlimited.Deadline()
	g.Expect(limited).To(BeFalse())

	now := time.Now()
	g.Expect(cutOffBefore(now, now.Add(time.Hour))).To(Equal(now.Add(time.Hour - cleanupReserve)))
	g.Expect(cutOffBefore(now, now.Add(2*time.Minute))).To(Equal(now.Add(time.Minute)), "half of a short time is for the scenarios")

	lab.testLimit = time.Now()
	ctx, cancel := lab.withTestLimit(t.Context())
	defer cancel()
	<-ctx.Done()
	g.Expect(context.Cause(ctx)).To(MatchError(errTestLimit))
}

func TestTheFirstScenarioThatIsNotExcludedAcquiresTheCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		lab := New(suite.Suite{})
		lab.settings.parallel = 8
		calls := 0
		lab.setUp = sync.OnceValue(func() error {
			defer close(lab.ready)
			calls++
			<-time.NewTimer(time.Minute).C
			return nil
		})
		started := map[string]time.Duration{}
		var mu sync.Mutex
		began := time.Now()
		lab.runInOrder([]suite.Scenario{needing("a.excluded"), needing("a.first"), needing("a.second")}, func(s suite.Scenario, _ func()) {
			mu.Lock()
			started[s.ID] = time.Since(began)
			mu.Unlock()
			if s.ID != "a.excluded" {
				g.Expect(lab.setUp()).To(Succeed())
			}
		})
		g.Expect(calls).To(Equal(1))
		g.Expect(started).To(Equal(map[string]time.Duration{"a.excluded": 0, "a.first": 0, "a.second": time.Minute}))
	})
}

func TestReproduceWithANodeImageOfOnesOwn(t *testing.T) {
	g := NewWithT(t)
	own, err := nodeimage.ParseOwnImage("", "kindest/node:v1.36.4")
	g.Expect(err).NotTo(HaveOccurred())
	lab := &Lab{settings: settings{nodeImage: own, tests: "./scenarios"}}
	g.Expect(lab.reproduce("pod.x", "v1.36.4+0123abc")).To(Equal(
		`CLAIMS='^pod\.x$' NOTEPROOF_NODE_IMAGE=kindest/node:v1.36.4 go test ./scenarios -count=1 -timeout=60m`))
	lab.settings.variant.Name = "ipvs"
	g.Expect(lab.reproduce("pod.x", "v1.36.4")).To(Equal(
		`CLAIMS='^pod\.x$' K8S=+ipvs NOTEPROOF_NODE_IMAGE=kindest/node:v1.36.4 go test ./scenarios -count=1 -timeout=60m`))
}

func TestReproduceOnAClusterThatExists(t *testing.T) {
	g := NewWithT(t)
	lab := &Lab{settings: settings{kubeconfig: "/home/me/my config", tests: "./scenarios"}, config: envconf.New()}
	g.Expect(lab.reproduce("pod.x", "v1.37.2")).To(Equal(
		`CLAIMS='^pod\.x$' KUBECONFIG_FILE='/home/me/my config' go test ./scenarios -count=1 -timeout=60m`))

	lab.config.WithKubeContext("team 3")
	lab.settings.image = "mirror.example/agnhost:2"
	lab.settings.allowed = environ.Permissions{environ.ChangeCluster: true, environ.BreakNodes: true}
	g.Expect(lab.reproduce("pod.x", "v1.37.2")).To(Equal(`CLAIMS='^pod\.x$' KUBECONFIG_FILE='/home/me/my config' ` +
		`NOTEPROOF_IMAGE=mirror.example/agnhost:2 NOTEPROOF_ALLOW=break-nodes,change-cluster ` +
		`go test ./scenarios -count=1 -timeout=60m -args --context 'team 3'`))
}

func TestThatGoTestStartedItIsKnownBeforeFlagsAreParsed(t *testing.T) {
	byGoTest := flag.Lookup("test.paniconexit0").Value.String() == "true" // and not by hand
	NewWithT(t).Expect(startedByGoTest()).To(Equal(byGoTest))
}
