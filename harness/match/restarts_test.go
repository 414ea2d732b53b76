package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// restarted returns a Pod with containers web and proxy with these restart counts; -1 omits the container from the status.
func restarted(uid types.UID, web, proxy int32) corev1.Pod {
	return pod(uid, func(p *corev1.Pod) {
		p.Spec.Containers = []corev1.Container{{Name: "web"}, {Name: "proxy"}}
		p.Status.ContainerStatuses = nil
		for name, count := range map[string]int32{"web": web, "proxy": proxy} {
			if count >= 0 {
				p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Name: name, RestartCount: count})
			}
		}
	})
}

func TestRestartsSince(t *testing.T) {
	before := []corev1.Pod{restarted("other", 7, 7), restarted("a", 2, 0)}
	for name, test := range map[string]struct {
		now                          corev1.Pod
		all, none, webHas, webHasNot bool
	}{
		"both":                 {restarted("a", 3, 1), true, false, true, false},
		"one":                  {restarted("a", 3, 0), false, false, true, false},
		"the other":            {restarted("a", 2, 1), false, false, false, true},
		"neither":              {restarted("a", 2, 0), false, true, false, true},
		"another Pod":          {restarted("b", 3, 1), false, false, false, false},
		"no status of the Pod": {restarted("a", -1, -1), false, false, false, false},
		"one status":           {restarted("a", 3, -1), false, false, true, false},
		"no containers":        {corev1.Pod{}, false, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if len(test.now.Spec.Containers) == 0 {
				NewWithT(t).Expect(test.now).NotTo(Or(HaveRestartedSince(before), HaveNotRestartedSince(before)))
				return
			}
			for _, c := range []struct {
				matcher Described
				want    bool
			}{
				{HaveRestartedSince(before), test.all},
				{HaveNotRestartedSince(before), test.none},
				{HaveRestartedSince(before, "web"), test.webHas},
				{HaveNotRestartedSince(before, "web"), test.webHasNot},
			} {
				matches, err := c.matcher.Match(test.now)
				g := NewWithT(t)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(matches).To(Equal(c.want), c.matcher.String())
			}
		})
	}
	t.Run("a container that had no status then", func(t *testing.T) {
		early := []corev1.Pod{restarted("a", -1, -1)}
		NewWithT(t).Expect(restarted("a", 1, 1)).To(And(HaveRestartedSince(early), Not(HaveNotRestartedSince(early))))
	})
}

func TestAContainerThatHasEndedIsNotOneThatRuns(t *testing.T) {
	g := NewWithT(t)
	state := func(web, proxy corev1.ContainerState) corev1.Pod {
		now := restarted("a", 0, 0)
		for i, c := range now.Status.ContainerStatuses {
			now.Status.ContainerStatuses[i].State = map[string]corev1.ContainerState{"web": web, "proxy": proxy}[c.Name]
		}
		return now
	}
	before := []corev1.Pod{restarted("a", 0, 0)}
	runs := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	g.Expect(state(runs, runs)).To(And(HaveNotEndedSince(before), HaveNotEndedSince(before, "web")))
	g.Expect(state(runs, ended)).To(And(Not(HaveNotEndedSince(before)), HaveNotEndedSince(before, "web")))
	g.Expect(state(ended, runs)).NotTo(HaveNotEndedSince(before, "web"))
	g.Expect(restarted("a", 1, 0)).NotTo(HaveNotEndedSince(before, "web"))
}

func TestAnInjectedContainerNeedNotRestart(t *testing.T) {
	g := NewWithT(t)
	ofManifest := func(p corev1.Pod) corev1.Pod {
		p.Annotations = map[string]string{probe.ManifestContainers: "web"}
		return p
	}
	before := []corev1.Pod{restarted("a", 2, 0)}
	g.Expect(ofManifest(restarted("a", 3, 0))).To(HaveRestartedSince(before))
	g.Expect(ofManifest(restarted("a", 2, 1))).To(HaveNotRestartedSince(before))
}
