package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
)

func TestHaveBeenKilledByWhateverReason(t *testing.T) {
	g := NewWithT(t)
	ended := func(reason string, code int32) corev1.Pod {
		return pod("a", func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{Reason: reason, ExitCode: code}
			p.Status.ContainerStatuses[0].RestartCount = 1
		})
	}
	g.Expect(ended("OOMKilled", 137)).To(And(HaveBeenKilled(), HaveRestarted(1), Not(HaveRestarted(2))))
	g.Expect(ended("OOMKilled", 1)).NotTo(HaveBeenKilled())
	g.Expect(ended("Error", 137)).To(HaveBeenKilled())
	g.Expect(ended("Error", 1)).NotTo(HaveBeenKilled())
	g.Expect(pod("a", nil)).NotTo(Or(HaveBeenKilled(), HaveExitCode(0)))
}

func TestHaveExitCode(t *testing.T) {
	g := NewWithT(t)
	now := pod("a", func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].State.Terminated = &corev1.ContainerStateTerminated{}
	})
	before := pod("a", func(p *corev1.Pod) {
		p.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 3}
	})
	g.Expect(now).To(And(HaveExitCode(0), Not(HaveExitCode(3))))
	g.Expect(before).To(And(HaveExitCode(3), Not(HaveExitCode(0))))
}

func TestHaveEndedByItself(t *testing.T) {
	for want, statuses := range map[bool][]corev1.PodStatus{
		true:  {{Phase: corev1.PodFailed}, {Phase: corev1.PodSucceeded}},
		false: {{Phase: corev1.PodFailed, Reason: "Evicted"}, {Phase: corev1.PodRunning}, {Phase: corev1.PodPending}},
	} {
		for _, status := range statuses {
			matches, err := HaveEndedByItself().Match(corev1.Pod{Status: status})
			g := NewWithT(t)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(matches).To(Equal(want), "%+v", status)
		}
	}
}
