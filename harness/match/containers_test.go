package match_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestContainersAndTheirPods(t *testing.T) {
	g := NewWithT(t)
	a1 := probe.Container{Pod: "a", UID: "A", Name: "1", ID: "x", Network: "net:1", Hostname: "a"}
	a2 := probe.Container{Pod: "a", UID: "A", Name: "2", ID: "y", Network: "net:1", Hostname: "a"}
	own := probe.Container{Pod: "a", UID: "A", Name: "3", ID: "z", Network: "net:3", Hostname: "own"}
	b := probe.Container{Pod: "b", UID: "B", Name: "1", ID: "x", Network: "net:2", Hostname: "b"}

	g.Expect(probe.Containers{a1, a2, b}).To(And(ShareTheirPod(), DifferFromPodToPod(), Not(HaveTheirPodToThemselves())))
	g.Expect(probe.Containers{a1, own}).To(And(Not(ShareTheirPod()), HaveTheirPodToThemselves()))
	g.Expect(probe.Containers{a1}).NotTo(Or(ShareTheirPod(), HaveTheirPodToThemselves(), DifferFromPodToPod()), "nothing to compare")

	g.Expect(probe.Containers{a1, a2}).To(And(StandInOnePodEach(), Not(StandInSeveralPods())))
	g.Expect(probe.Containers{a1, a2, b}).To(And(Not(StandInOnePodEach()), StandInSeveralPods()))
	g.Expect(probe.Containers{}).NotTo(Or(StandInOnePodEach(), StandInSeveralPods()))
}

func TestBeRunning(t *testing.T) {
	running := func(name string) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: name, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
	}
	waiting := corev1.ContainerStatus{Name: "b", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull"}}}
	for name, test := range map[string]struct {
		change func(*corev1.Pod)
		want   bool
	}{
		"all run":             {func(*corev1.Pod) {}, true},
		"not ready":           {func(p *corev1.Pod) { p.Status.Conditions = nil }, true},
		"one waits":           {func(p *corev1.Pod) { p.Status.ContainerStatuses[1] = waiting }, false},
		"one is not reported": {func(p *corev1.Pod) { p.Status.ContainerStatuses = p.Status.ContainerStatuses[:1] }, false},
		"another is reported": {func(p *corev1.Pod) { p.Status.ContainerStatuses[1] = running("c") }, false},
		"is deleted":          {func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }, false},
		"no containers":       {func(p *corev1.Pod) { *p = corev1.Pod{} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			is := pod("a", func(p *corev1.Pod) {
				p.Spec.Containers = []corev1.Container{{Name: "a"}, {Name: "b"}}
				p.Status.ContainerStatuses = []corev1.ContainerStatus{running("a"), running("b")}
				test.change(p)
			})
			matches, err := BeRunning().Match(is)
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(matches).To(Equal(test.want))
		})
	}
}
