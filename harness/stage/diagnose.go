package stage

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
)

// logLines is how much of a container's log is kept, its last lines.
const logLines = 100

// Diagnose collects what a person needs who wants to know why: events, Pod statuses, and the logs of every container,
// of its previous instance too. What cannot be had is listed, never an error.
func (s *Stage) Diagnose(ctx context.Context) *evidence.Diagnosis {
	d := &evidence.Diagnosis{}
	missing := func(what string, err error) { d.Missing = append(d.Missing, fmt.Sprintf("%s: %v", what, err)) }
	events, err := s.client.CoreV1().Events(s.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		missing("events", err)
	} else {
		for _, e := range events.Items {
			d.Events = append(d.Events, describeEvent(e))
		}
	}
	pods, err := s.client.CoreV1().Pods(s.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		missing("Pods", err)
		return d
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		d.Pods = append(d.Pods, probe.Describe(pod))
		for _, c := range pod.Status.ContainerStatuses {
			s.collectLog(ctx, d, pod.Name, c.Name, false)
			if c.RestartCount > 0 {
				s.collectLog(ctx, d, pod.Name, c.Name, true)
			}
		}
	}
	return d
}

func (s *Stage) collectLog(ctx context.Context, d *evidence.Diagnosis, pod, container string, previous bool) {
	lines := int64(logLines)
	options := &corev1.PodLogOptions{Container: container, Previous: previous, TailLines: &lines}
	text, err := s.client.CoreV1().Pods(s.Namespace).GetLogs(pod, options).DoRaw(ctx)
	if err != nil {
		d.Missing = append(d.Missing, fmt.Sprintf("log of %s/%s (previous: %t): %v", pod, container, previous, err))
		return
	}
	d.Logs = append(d.Logs, evidence.Log{Pod: pod, Container: container, Previous: previous, Text: string(text)})
}

func describeEvent(e corev1.Event) string {
	at := e.LastTimestamp.Time
	if at.IsZero() {
		at = e.EventTime.Time
	}
	return fmt.Sprintf("%s %s %s %s/%s: %s", at.UTC().Format(time.TimeOnly), e.Type, e.Reason, e.InvolvedObject.Kind, e.InvolvedObject.Name, e.Message)
}
