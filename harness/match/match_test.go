package match_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// pod is a ready Pod of this UID, changed.
func pod(uid types.UID, change func(*corev1.Pod)) corev1.Pod {
	p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: uid}, Status: corev1.PodStatus{
		PodIP: "10.0.0.1", Phase: corev1.PodRunning,
		Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		ContainerStatuses: []corev1.ContainerStatus{{Name: "c", Ready: true}},
	}}
	if change != nil {
		change(&p)
	}
	return p
}

func TestMatchersOnPods(t *testing.T) {
	g := NewWithT(t)
	ready := pod("a", nil)
	deleted := pod("a", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} })
	other := pod("b", func(p *corev1.Pod) { p.Status.PodIP = "10.0.0.2" })
	g.Expect(ready).To(And(BeReady(), HaveNeverRestarted(), BeAmong([]corev1.Pod{ready}), HaveIPAmong([]corev1.Pod{ready}), BeInPhase(corev1.PodRunning)))
	g.Expect(deleted).NotTo(BeReady())
	g.Expect(corev1.Pod{}).NotTo(Or(BeReady(), HaveNeverRestarted(), HaveIPAmong([]corev1.Pod{{}})))
	g.Expect(other).NotTo(Or(BeAmong([]corev1.Pod{ready}), HaveIPAmong([]corev1.Pod{ready})))
}

func TestOOMKilledIsReasonAndExitCode(t *testing.T) {
	g := NewWithT(t)
	ended := func(reason string, code int32) corev1.Pod {
		return pod("a", func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{Reason: reason, ExitCode: code}
			p.Status.ContainerStatuses[0].RestartCount = 1
		})
	}
	g.Expect(ended("OOMKilled", 137)).To(And(HaveBeenOOMKilled(), HaveRestarted(1), Not(HaveRestarted(2))))
	g.Expect(ended("OOMKilled", 1)).NotTo(HaveBeenOOMKilled())
	g.Expect(ended("Error", 137)).To(And(HaveBeenKilled(), Not(HaveBeenOOMKilled())))
	g.Expect(ended("Error", 1)).NotTo(HaveBeenKilled())
	g.Expect(pod("a", nil)).NotTo(HaveBeenOOMKilled())
}

func TestMatchersOnAnswersAndUse(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.Answer{Status: 200, Body: "x"}).To(And(BeAnswered(), BeAnsweredWith("x"), Not(BeRefused())))
	g.Expect(probe.Answer{Status: 503, Body: "x"}).NotTo(BeAnsweredWith("x"))
	g.Expect(probe.Answer{Why: "timed out"}).NotTo(Or(BeRefused(), BeAnswered()))
	g.Expect(probe.Answer{Why: "connection refused"}).To(BeRefused())
	g.Expect(probe.CPUUse{Cores: 0.21, Periods: 60, Throttled: 54}).To(And(BeHeldAt(0.2), Not(BeHeldAt(0.1)), UseMoreThan(0.2)))
	g.Expect(probe.CPUUse{Cores: 0.23, Periods: 60, Throttled: 60}).NotTo(BeHeldAt(0.2))
	g.Expect(probe.CPUUse{Cores: 0.2, Periods: 60, Throttled: 20}).NotTo(BeHeldAt(0.2), "low because the machine is busy")
	g.Expect(probe.CPUUse{Cores: 0.2}).NotTo(BeHeldAt(0.2), "without a limit there are no periods")
	g.Expect(probe.MemoryUse{Bytes: 32 << 20}).To(And(HoldBetween("16Mi", "128Mi"), Not(HoldBetween("64Mi", "128Mi"))))
	g.Expect(probe.File{Exists: true, Content: "x"}).To(And(Contain("x"), Not(BeGone())))
	g.Expect(probe.File{}).NotTo(Contain(""))
}

func TestAMatcherSaysWhatItWants(t *testing.T) {
	g := NewWithT(t)
	g.Expect(BeReady().String()).To(Equal("be ready"))
	_, err := BeReady().Match("no Pod")
	g.Expect(err).To(HaveOccurred(), "a matcher on the wrong type is a mistake, not a no")
}
