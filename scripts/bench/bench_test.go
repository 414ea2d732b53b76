//go:build linux

package main

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
)

func at(seconds float64) time.Time { return endOf(time.Unix(1_000_000, 0), seconds) }

func TestTheChainIsWhatDeterminedTheTime(t *testing.T) {
	g := NewWithT(t)
	step := func(what string, from, to float64) evidence.Step {
		return evidence.Step{What: what, At: at(from), Seconds: to - from}
	}
	ran := func(id string, from, to float64) *evidence.Claim {
		return &evidence.Claim{ID: id, Verdict: claim.Holds, Started: at(from), Seconds: to - from, Points: []evidence.Point{{
			Evidence: []evidence.Evidence{{Looked: "Pods app=web\nand more", Seconds: 3}, {Looked: "a moment", Seconds: 1}},
		}}}
	}
	record := &evidence.Record{
		Steps: []evidence.Step{step("create the cluster", 0, 40), step("load an image", 5, 12), step("delete the cluster", 101, 110)},
		Claims: []*evidence.Claim{
			ran("pod.quick", 40, 45), ran("pod.slow", 41, 70), ran("pod.after", 70.5, 100), {ID: "pod.never", Verdict: claim.NotRun},
		},
	}
	links := chain(record)
	var what []string
	for _, l := range links {
		what = append(what, l.What)
	}
	g.Expect(what).To(Equal([]string{"create the cluster", "pod.slow", "pod.after", "delete the cluster"}))
	g.Expect(links[1]).To(Equal(link{What: "pod.slow", At: 41, Seconds: 29, Waited: "Pods app=web (3.0 s)"}))
	g.Expect(chain(&evidence.Record{})).To(BeEmpty())

	seconds, claims := spanOf(record)
	g.Expect(seconds).To(BeNumerically("~", 60))
	g.Expect(claims).To(Equal(3))
}

func TestRequestsAreCountedByVerb(t *testing.T) {
	g := NewWithT(t)
	const metrics = "# TYPE apiserver_request_total counter\n" +
		"apiserver_request_total{code=\"200\",verb=\"GET\"} 3\napiserver_request_total{code=\"404\",verb=\"GET\"} 2\n" +
		"apiserver_request_total{code=\"201\",verb=\"POST\"} 7\n# TYPE other counter\nother 1\n"
	before, err := byVerb(metrics)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(before).To(Equal(map[string]float64{"GET": 5, "POST": 7}))
	g.Expect(since(before, map[string]float64{"GET": 9, "POST": 7, "WATCH": 1})).To(Equal(map[string]float64{"GET": 4, "WATCH": 1}))
	_, err = byVerb("# TYPE other counter\nother 1\n")
	g.Expect(err).To(MatchError(ContainSubstring("count no requests")))
	_, err = byVerb("<html>")
	g.Expect(err).To(HaveOccurred())
}

func TestProgramsAreToldApart(t *testing.T) {
	g := NewWithT(t)
	for comm, program := range map[string]string{
		"kube-apiserver": "kube-apiserver", "kube-controller": "kube-controller-manager", "containerd-shim": "containerd-shim", "containerd": "containerd",
		"go": "go", "gopls": "others", "scenarios.test": "noteproof", "runc:[2:INIT]": "others", "runc": "runc",
	} {
		g.Expect(programOf(comm)).To(Equal(program), comm)
	}
}

func TestUsageHasTheTimeOfThisProcess(t *testing.T) {
	g := NewWithT(t)
	w := startUsage()
	for until, n := time.Now().Add(700*time.Millisecond), 0; time.Now().Before(until); n++ { // there is CPU time to see
		_ = fmt.Sprint(n)
	}
	u := w.stop()
	g.Expect(u.Busy).To(BeNumerically(">", 0))
	g.Expect(u.CPU["others"]).To(BeNumerically(">", 0.2), "bench.test is none of the programs that are told apart")
	g.Expect(u.PeakMiB["others"]).To(BeNumerically(">", 1))
}

func TestTableAndPlot(t *testing.T) {
	g := NewWithT(t)
	r := result{At: at(0), Runs: []measured{
		{Kind: warm, Seconds: 210, Suite: 200, Claims: 39, Chain: []link{{What: "pod.<slow>", Seconds: 200, Waited: "a | b"}}, Requests: map[string]float64{"GET": 5}},
		{Kind: bare, Seconds: 110, Suite: 100, Claims: 39},
	}}
	g.Expect(table(r)).To(And(ContainSubstring("**2.00 times** the floor"), ContainSubstring(`a \| b`), ContainSubstring("39 in 200 s")))
	g.Expect(overFloor(r.Runs[:1])).To(BeZero())
	g.Expect(plot(r)).To(And(HavePrefix("<svg"), ContainSubstring("pod.&lt;slow&gt;"), ContainSubstring("200 s")))
}
