package stage

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/probe"
)

// logLines is the number of lines that are kept from the end of a container's log.
const logLines = 100

// Diagnose collects what helps to explain a failure: events, statuses of Pods, and the logs of all containers and of their
// previous instances. It returns no error; what is not available is listed in Missing.
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
	s.diagnoseCluster(ctx, d)
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

// diagnoseCluster collects the state of the cluster itself: the nodes' conditions and taints, the Pods of kube-system, and the
// events of both since the stage was opened.
func (s *Stage) diagnoseCluster(ctx context.Context, d *evidence.Diagnosis) {
	missing := func(what string, err error) { d.Missing = append(d.Missing, fmt.Sprintf("%s: %v", what, err)) }
	if nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{}); err != nil {
		missing("nodes", err)
	} else {
		for i := range nodes.Items {
			d.Nodes = append(d.Nodes, describeNode(&nodes.Items[i]))
		}
	}
	if pods, err := s.client.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{}); err != nil {
		missing("Pods of kube-system", err)
	} else {
		for i := range pods.Items {
			d.System = append(d.System, probe.Describe(&pods.Items[i]))
		}
	}
	for _, namespace := range []string{metav1.NamespaceSystem, metav1.NamespaceDefault} { // events of nodes are in default
		events, err := s.client.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			missing("events of "+namespace, err)
			continue
		}
		for _, e := range events.Items {
			if at := eventTime(e); !at.Before(s.opened) && (namespace == metav1.NamespaceSystem || e.InvolvedObject.Kind == "Node") {
				d.SystemEvents = append(d.SystemEvents, describeEvent(e))
			}
		}
	}
}

// describeNode describes a node's conditions and taints, and whether it is cordoned.
func describeNode(node *corev1.Node) string {
	words := []string{"node " + node.Name}
	for _, c := range node.Status.Conditions {
		words = append(words, fmt.Sprintf("%s=%s (%s)", c.Type, c.Status, c.Reason))
	}
	for _, taint := range node.Spec.Taints {
		words = append(words, "taint "+taint.ToString())
	}
	if node.Spec.Unschedulable {
		words = append(words, "cordoned")
	}
	return strings.Join(words, " ")
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

func eventTime(e corev1.Event) time.Time {
	if e.LastTimestamp.IsZero() {
		return e.EventTime.Time
	}
	return e.LastTimestamp.Time
}

func describeEvent(e corev1.Event) string {
	return fmt.Sprintf("%s %s %s %s/%s: %s", eventTime(e).UTC().Format(time.TimeOnly), e.Type, e.Reason, e.InvolvedObject.Kind, e.InvolvedObject.Name, e.Message)
}
