package probe

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Describe returns what a look saw in words for the record, in a few lines at most.
func Describe(seen any) string {
	switch seen := seen.(type) {
	case nil:
		return "nothing"
	case []corev1.Pod:
		if len(seen) == 0 {
			return "no Pod"
		}
		words := make([]string, len(seen))
		for i := range seen {
			words[i] = describePod(&seen[i])
		}
		return strings.Join(words, "; ")
	case *corev1.Pod:
		return describePod(seen)
	case string:
		return shorten(seen)
	default:
		return shorten(fmt.Sprint(seen))
	}
}

func describePod(pod *corev1.Pod) string {
	words := []string{"Pod " + pod.Name, "uid=" + string(pod.UID), "ip=" + pod.Status.PodIP, "node=" + pod.Spec.NodeName, string(pod.Status.Phase)}
	if pod.DeletionTimestamp != nil {
		words = append(words, "being deleted")
	}
	if pod.Status.Reason != "" {
		words = append(words, pod.Status.Reason)
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue {
			words = append(words, "disrupted: "+c.Reason)
		}
	}
	for _, c := range pod.Status.ContainerStatuses {
		words = append(words, describeContainer(c))
	}
	return strings.Join(words, " ")
}

func describeContainer(c corev1.ContainerStatus) string {
	state := "waiting"
	switch {
	case c.State.Running != nil && c.Ready:
		state = "ready"
	case c.State.Running != nil:
		state = "running"
	case c.State.Terminated != nil:
		state = terminated(c.State.Terminated)
	case c.State.Waiting != nil:
		state = "waiting: " + c.State.Waiting.Reason
	}
	words := fmt.Sprintf("%s(%s, restarts=%d", c.Name, state, c.RestartCount)
	if last := c.LastTerminationState.Terminated; last != nil {
		words += ", before: " + terminated(last)
	}
	return words + ")"
}

func terminated(t *corev1.ContainerStateTerminated) string {
	return fmt.Sprintf("%s, exit code %d", t.Reason, t.ExitCode)
}

func shorten(text string) string {
	const most = 600
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}
