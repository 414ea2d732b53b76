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

// troublesTimeout limits how long troubles may take.
const troublesTimeout = 10 * time.Second

// lastLines is the number of lines that troubles quotes from a container's log.
const lastLines = 3

// troubles reports the cluster's own Pods that are not ready: the state of their containers and the end of their logs. It
// starts a new line for each container. It returns "" if there are none or they cannot be listed.
func troubles(ctx context.Context, client kubernetes.Interface) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), troublesTimeout)
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
				if log := lastLogLines(ctx, client, pod, container); log != "" {
					fmt.Fprintf(&text, ", end of its log: %s", log)
				}
			}
		}
	}
	return text.String()
}

// stateOf describes the state of a container in a few words.
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
		words = append(words, "it is running but not ready")
	}
	if ended != nil {
		words = append(words, fmt.Sprintf("it ended with exit code %d (%s)", ended.ExitCode, ended.Reason))
	}
	return strings.Join(words, ", ")
}

// lastLogLines returns the end of a container's log; after a restart, that of the previous instance.
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
