package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/noteproof/noteproof/harness/internal/engine"
)

// textWithin is how long finding out what troubles a cluster's own Pods may take.
const textWithin = 10 * time.Second

// lastLines is how much of the log of a container in trouble is text.
const lastLines = 3

// troubles reports the Pods of the cluster's own that are not ready: why, and what their containers said last. It starts
// a line for each, and is empty when there are none or they cannot be had.
func troubles(ctx context.Context, client kubernetes.Interface) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), textWithin)
	defer cancel()
	var text strings.Builder
	for _, namespace := range infrastructure {
		pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			continue
		}
		for _, pod := range pods.Items {
			for _, container := range pod.Status.ContainerStatuses {
				if container.Ready {
					continue
				}
				fmt.Fprintf(&text, "\n%s on %s: %s", pod.Name, pod.Spec.NodeName, stateOf(container))
				if said := lastLogLines(ctx, client, pod, container); said != "" {
					fmt.Fprintf(&text, ", it said last: %s", said)
				}
			}
		}
	}
	return text.String()
}

// stateOf is the state that a container is in, in few words.
func stateOf(c corev1.ContainerStatus) string {
	ended := c.State.Terminated
	if ended == nil {
		ended = c.LastTerminationState.Terminated
	}
	var words []string
	switch {
	case c.State.Waiting != nil:
		words = append(words, strings.TrimSuffix(c.State.Waiting.Reason+": "+c.State.Waiting.Message, ": "))
	case c.State.Running != nil:
		words = append(words, "it runs and is not ready")
	}
	if ended != nil {
		words = append(words, fmt.Sprintf("it ended with exit code %d (%s)", ended.ExitCode, ended.Reason))
	}
	return strings.Join(words, ", ")
}

// lastLogLines is the end of a container's log: of the instance before, when this one has been started again.
func lastLogLines(ctx context.Context, client kubernetes.Interface, pod corev1.Pod, c corev1.ContainerStatus) string {
	lines := int64(lastLines)
	text, err := client.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{
		Container: c.Name, TailLines: &lines, Previous: c.RestartCount > 0,
	}).DoRaw(ctx)
	if err != nil {
		return ""
	}
	return engine.Tail(string(text), lastLines)
}
