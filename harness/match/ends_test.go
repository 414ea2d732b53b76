package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
)

func TestHaveBeenKilledWithAnyReason(t *testing.T) {
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

func TestContainersThatFail(t *testing.T) {
	const words = "address already in use"
	failed := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Message: "listen tcp :8080: bind: " + words}}
	running := corev1.ContainerStatus{ContainerID: "x", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
	now := corev1.ContainerStatus{ContainerID: "x", State: failed}
	before := corev1.ContainerStatus{ContainerID: "x", State: running.State, LastTerminationState: failed}
	backOff := corev1.ContainerStatus{ContainerID: "x", LastTerminationState: failed}
	done := corev1.ContainerStatus{ContainerID: "x", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Message: words}}}
	otherwise := corev1.ContainerStatus{ContainerID: "x", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Message: "killed"}}}
	for name, test := range map[string]struct {
		is                     []corev1.ContainerStatus
		started, whole, failed bool
	}{
		"failed now":             {[]corev1.ContainerStatus{running, now}, true, false, true},
		"failed and back":        {[]corev1.ContainerStatus{before, running}, true, false, true},
		"failed and waits":       {[]corev1.ContainerStatus{running, backOff}, true, false, true},
		"both run":               {[]corev1.ContainerStatus{running, running}, true, true, false},
		"both failed":            {[]corev1.ContainerStatus{now, backOff}, true, false, false},
		"ended well":             {[]corev1.ContainerStatus{running, done}, true, false, false},
		"failed otherwise":       {[]corev1.ContainerStatus{running, otherwise}, true, false, false},
		"one failed, one killed": {[]corev1.ContainerStatus{now, otherwise}, true, false, false},
		"restarted":              {[]corev1.ContainerStatus{running, {ContainerID: "x", RestartCount: 1, State: running.State}}, true, false, false},
		"not all reported":       {[]corev1.ContainerStatus{now}, false, false, false},
		"not all started":        {[]corev1.ContainerStatus{running, {}}, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			seen := corev1.Pod{Spec: corev1.PodSpec{Containers: make([]corev1.Container, 2)}, Status: corev1.PodStatus{ContainerStatuses: test.is}}
			started, err1 := HaveStarted().Match(seen)
			whole, err2 := HaveNeverEnded().Match(seen)
			failed, err3 := HaveOneFailed(words).Match(seen)
			g := NewWithT(t)
			g.Expect([]error{err1, err2, err3}).To(HaveEach(BeNil()))
			g.Expect([]bool{started, whole, failed}).To(Equal([]bool{test.started, test.whole, test.failed}))
		})
	}
	NewWithT(t).Expect(corev1.Pod{}).NotTo(Or(HaveStarted(), HaveNeverEnded(), HaveOneFailed("")), "it has no containers")
}
