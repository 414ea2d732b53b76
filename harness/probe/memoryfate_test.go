package probe

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

func TestLastEnd(t *testing.T) {
	now, before := &corev1.ContainerStateTerminated{ExitCode: 1}, &corev1.ContainerStateTerminated{ExitCode: 2}
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}
	for name, test := range map[string]struct {
		is   corev1.ContainerStatus
		want *corev1.ContainerStateTerminated
		err  string
	}{
		"runs":             {corev1.ContainerStatus{State: running}, nil, ""},
		"ended":            {corev1.ContainerStatus{State: corev1.ContainerState{Terminated: now}, LastTerminationState: corev1.ContainerState{Terminated: before}}, now, ""},
		"runs again":       {corev1.ContainerStatus{State: running, LastTerminationState: corev1.ContainerState{Terminated: before}}, before, ""},
		"waits for a turn": {corev1.ContainerStatus{State: waiting, LastTerminationState: corev1.ContainerState{Terminated: before}}, before, ""},
		"not started":      {corev1.ContainerStatus{State: waiting}, nil, "has not started"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			test.is.Name = "holder"
			end, err := lastEnd(&corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "other"}, test.is}}}, "holder")
			if test.err != "" {
				g.Expect(err).To(MatchError(ContainSubstring(test.err)))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(end).To(Equal(test.want))
		})
	}
}

func TestKillsSince(t *testing.T) {
	g := NewWithT(t)
	g.Expect(killsSince("oom_kill 3\n", "oom_kill 5")).To(Equal(int64(2)))
	for _, lines := range [][2]string{{"", "oom_kill 5"}, {"oom_kill 3", ""}, {"oom_kill_x 3", "oom_kill 5"}, {"oom_kill three", "oom_kill 5"}} {
		_, err := killsSince(lines[0], lines[1])
		g.Expect(err).To(HaveOccurred(), "%q", lines)
	}
}
