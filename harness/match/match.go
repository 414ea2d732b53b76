// Package match holds gomega matchers on what the probes saw. They are pure: they look at the value alone.
package match

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/noteproof/noteproof/harness/probe"
)

// Described is a matcher that can say in a few words what it wants: "be ready".
type Described interface {
	types.GomegaMatcher
	fmt.Stringer
}

type described struct {
	types.GomegaMatcher
	wants string
}

func (d described) String() string { return d.wants }

// that makes a matcher of a few words and a test on one type of value.
func that[T any](wants string, test func(T) bool) Described {
	match := func(seen T) (bool, error) { return test(seen), nil }
	return described{gcustom.MakeMatcher(match).WithMessage(wants), wants}
}

// BeReady matches a Pod that is Ready and not being deleted.
func BeReady() Described {
	return that("be ready", func(pod corev1.Pod) bool {
		return pod.DeletionTimestamp == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
	})
}

// BeAmong matches a Pod that is one of these, judged by UID.
func BeAmong(pods []corev1.Pod) Described {
	return that(fmt.Sprintf("be the same as before (%s)", uids(pods)), func(pod corev1.Pod) bool {
		return slices.ContainsFunc(pods, func(old corev1.Pod) bool { return old.UID == pod.UID })
	})
}

// HaveIPAmong matches a Pod with the IP of one of these.
func HaveIPAmong(pods []corev1.Pod) Described {
	return that(fmt.Sprintf("have the same IP as before (%s)", ips(pods)), func(pod corev1.Pod) bool {
		return pod.Status.PodIP != "" && slices.ContainsFunc(pods, func(old corev1.Pod) bool { return old.Status.PodIP == pod.Status.PodIP })
	})
}

// BeOnTheNodeOf matches a Pod on the node of one of these.
func BeOnTheNodeOf(pods []corev1.Pod) Described {
	return that("be on the same node as before", func(pod corev1.Pod) bool {
		return slices.ContainsFunc(pods, func(old corev1.Pod) bool { return old.Spec.NodeName == pod.Spec.NodeName })
	})
}

// HaveRestarted matches a Pod whose containers have been restarted so many times in all, or more.
func HaveRestarted(times int) Described {
	return that(fmt.Sprintf("have restarted at least %d times", times), func(pod corev1.Pod) bool { return restarts(pod) >= times })
}

// HaveNeverRestarted matches a Pod that has containers, none of which was ever restarted.
func HaveNeverRestarted() Described {
	return that("have never restarted", func(pod corev1.Pod) bool {
		return len(pod.Status.ContainerStatuses) > 0 && restarts(pod) == 0
	})
}

// BeInPhase matches a Pod in this phase.
func BeInPhase(phase corev1.PodPhase) Described {
	return that("be "+string(phase), func(pod corev1.Pod) bool { return pod.Status.Phase == phase })
}

// killed is 128 + 9, the exit code of a process that got SIGKILL, as the kernel's out-of-memory killer sends it.
const killed = 137

// HaveBeenOOMKilled matches a Pod with a container that ended, now or before its last restart, with the reason
// OOMKilled and exit code 137.
func HaveBeenOOMKilled() Described {
	return that("have been OOMKilled with exit code 137", func(pod corev1.Pod) bool {
		return hasEnded(pod, func(end corev1.ContainerStateTerminated) bool {
			return end.Reason == "OOMKilled" && end.ExitCode == killed
		})
	})
}

// HaveBeenKilled matches a Pod with a container that ended, now or before its last restart, with exit code 137. The
// reason is left open: now and then containerd learns of the end before it learns of the lack of memory, and then calls
// an OOM kill an Error.
func HaveBeenKilled() Described {
	return that("have been killed, with exit code 137", func(pod corev1.Pod) bool {
		return hasEnded(pod, func(end corev1.ContainerStateTerminated) bool { return end.ExitCode == killed })
	})
}

func hasEnded(pod corev1.Pod, so func(corev1.ContainerStateTerminated) bool) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool {
		now, before := c.State.Terminated, c.LastTerminationState.Terminated
		return now != nil && so(*now) || before != nil && so(*before)
	})
}

// BeAnswered matches an Answer that somebody gave.
func BeAnswered() Described { return that("be answered", probe.Answer.Reached) }

// BeAnsweredWith matches an Answer with status 200 and just this body.
func BeAnsweredWith(body string) Described {
	return that(fmt.Sprintf("be answered with %q", body), func(a probe.Answer) bool { return a.Status == 200 && a.Body == body })
}

// BeRefused matches an Answer that is none because the connection was refused.
func BeRefused() Described {
	return that("be refused", func(a probe.Answer) bool { return !a.Reached() && a.Why == "connection refused" })
}

// Contain matches a File that is there with just this content.
func Contain(content string) Described {
	return that(fmt.Sprintf("contain %q", content), func(f probe.File) bool { return f.Exists && f.Content == content })
}

// BeGone matches a File that is not there.
func BeGone() Described { return that("be gone", func(f probe.File) bool { return !f.Exists }) }

// BeHeldAt matches a CPUUse within a tenth of so many cores that the kernel held there: the container was throttled in
// most of its periods. Use that is low because the machine is busy is not held.
func BeHeldAt(cores float64) Described {
	return that(fmt.Sprintf("be held at %.3g cores, give or take a tenth, by throttling", cores), func(u probe.CPUUse) bool {
		return u.Cores >= 0.9*cores && u.Cores <= 1.1*cores && 2*u.Throttled > u.Periods
	})
}

// UseMoreThan matches a CPUUse of more than so many cores.
func UseMoreThan(cores float64) Described {
	return that(fmt.Sprintf("use more than %.3g cores", cores), func(u probe.CPUUse) bool { return u.Cores > cores })
}

// HoldBetween matches a MemoryUse between two quantities, such as "16Mi". It panics on a malformed one: they are
// written in source, where a slip should be found at once.
func HoldBetween(low, high string) Described {
	from, to := resource.MustParse(low), resource.MustParse(high)
	return that(fmt.Sprintf("hold between %s and %s", low, high), func(u probe.MemoryUse) bool {
		return u.Bytes > from.Value() && u.Bytes < to.Value()
	})
}

func restarts(pod corev1.Pod) int {
	sum := 0
	for _, c := range pod.Status.ContainerStatuses {
		sum += int(c.RestartCount)
	}
	return sum
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

// IsPrerequisite is replaced.
func IsPrerequisite(types.GomegaMatcher) bool { return false }
