package match

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// BeReady matches a Pod that is Ready and not being deleted. It is a prerequisite.
func BeReady() Described {
	return prerequisite{That("be ready", func(pod corev1.Pod) bool {
		return pod.DeletionTimestamp == nil && hasCondition(pod, corev1.PodReady, corev1.ConditionTrue)
	})}
}

func hasCondition(pod corev1.Pod, kind corev1.PodConditionType, status corev1.ConditionStatus) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == kind && c.Status == status })
}

// BeTerminating matches a Pod that is being deleted.
func BeTerminating() Described {
	return That("be terminating", func(pod corev1.Pod) bool { return pod.DeletionTimestamp != nil })
}

// BeAmong matches a Pod that is one of these, compared by UID.
func BeAmong(pods []corev1.Pod) Described {
	return That(fmt.Sprintf("be the same as before (%s)", uids(pods)), func(pod corev1.Pod) bool {
		return slices.ContainsFunc(pods, func(old corev1.Pod) bool { return old.UID == pod.UID })
	})
}

// HaveIPAmong matches a Pod with the IP of one of these.
func HaveIPAmong(pods []corev1.Pod) Described {
	return That(fmt.Sprintf("have the same IP as before (%s)", ips(pods)), func(pod corev1.Pod) bool {
		return pod.Status.PodIP != "" && slices.ContainsFunc(pods, func(old corev1.Pod) bool { return old.Status.PodIP == pod.Status.PodIP })
	})
}

// BeOnTheNodeOf matches a Pod on the node of one of these.
func BeOnTheNodeOf(pods []corev1.Pod) Described {
	return That("be on the same node as before", func(pod corev1.Pod) bool {
		return slices.ContainsFunc(pods, func(old corev1.Pod) bool { return old.Spec.NodeName == pod.Spec.NodeName })
	})
}

// BeInPhase matches a Pod in this phase.
func BeInPhase(phase corev1.PodPhase) Described {
	return That("be "+string(phase), func(pod corev1.Pod) bool { return pod.Status.Phase == phase })
}

func uids(pods []corev1.Pod) string {
	return join(pods, func(p corev1.Pod) string { return "uid=" + string(p.UID) })
}

func ips(pods []corev1.Pod) string {
	return join(pods, func(p corev1.Pod) string { return "ip=" + p.Status.PodIP })
}

func join(pods []corev1.Pod, word func(corev1.Pod) string) string {
	words := ""
	for i, pod := range pods {
		if i > 0 {
			words += ", "
		}
		words += word(pod)
	}
	return words
}
