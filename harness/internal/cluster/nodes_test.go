package cluster

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNotRestarted(t *testing.T) {
	since := time.Date(2026, 1, 1, 12, 0, 0, 700_000_000, time.UTC)
	proxy := func(states ...corev1.ContainerState) corev1.Pod {
		pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "proxy"}}
		for _, state := range states {
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{State: state})
		}
		return pod
	}
	running := func(since time.Time) corev1.ContainerState {
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}}
	}
	for name, test := range map[string]struct {
		pods []corev1.Pod
		want string
	}{
		"started in the same second":        {[]corev1.Pod{proxy(running(since.Truncate(time.Second)))}, ""},
		"not reported since":                {[]corev1.Pod{proxy(running(since.Add(-time.Hour)))}, "proxy has not restarted"},
		"one of its containers not started": {[]corev1.Pod{proxy(running(since), corev1.ContainerState{})}, "proxy has not restarted"},
		"none of its containers started":    {[]corev1.Pod{proxy()}, "proxy has not started"},
		"a Job's Pod":                       {[]corev1.Pod{proxy(running(since)), {Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}}, ""},
		"no Pods":                           {nil, "it has no Pods"},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(notRestarted(test.pods, since)).To(Equal(test.want)) })
	}
}
