package scenario

import (
	"context"
	"fmt"

	"github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/internal/retry"
	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// Pods are Pods that a body looks at.
type Pods = probe.Pods

// Pods looks at the Pods of the claim's namespace that match the label selector.
func (s *S) Pods(selector string) Pods { return s.cluster.Pods(selector) }

// Ready waits until at least one Pod matches the label selector and all that match are ready.
func (s *S) Ready(selector string) Pods {
	s.t.Helper()
	pods := s.Pods(selector)
	s.Eventually(pods).Should(gomega.And(gomega.Not(gomega.BeEmpty()), gomega.HaveEach(match.BeReady())))
	return pods
}

// List returns the Pods as they are now.
func (s *S) List(pods Pods) []corev1.Pod {
	s.t.Helper()
	list, err := pods.List(s.ctx)
	if err != nil {
		s.abort("%v", err)
	}
	return list
}

// Delete deletes the Pods as a user would, and returns them as they were. It does not wait until they are gone.
func (s *S) Delete(pods Pods) []corev1.Pod {
	s.t.Helper()
	s.beforeChange()
	old := s.List(pods)
	for _, pod := range old {
		this := metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(pod.UID))} // and not a later one with its name
		err := retry.Delete(s.ctx, func(ctx context.Context) error {
			return s.cluster.Client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, this)
		})
		if err != nil {
			s.abort("delete Pod %s: %v", pod.Name, err)
		}
	}
	return old
}

// DeleteObject deletes an object of the claim's namespace, such as "deployment/web", as kubectl delete does: the objects
// that it owns are deleted too. It does not wait until they are gone.
func (s *S) DeleteObject(object string) {
	s.t.Helper()
	s.beforeChange()
	if err := s.stage.Delete(s.ctx, object); err != nil {
		s.abort("%v", err)
	}
}

// Remove deletes the Pods, waits until exactly these Pods are gone, and returns them as they were.
func (s *S) Remove(pods Pods) []corev1.Pod {
	s.t.Helper()
	old := s.Delete(pods)
	s.Eventually(pods).Should(gomega.Not(gomega.ContainElement(match.BeAmong(old))))
	return old
}

// Evict requests the eviction of the Pods, as kubectl drain does, and returns them as they were.
func (s *S) Evict(pods Pods) []corev1.Pod {
	s.t.Helper()
	s.beforeChange()
	old := s.List(pods)
	for _, pod := range old {
		if err := s.evict(pod); err != nil {
			s.abort("evict Pod %s: %v", pod.Name, err)
		}
	}
	return old
}

// TryEvict requests the eviction of the only one of the Pods, and returns a look at the API server's answer, a probe.Answer. A
// PodDisruptionBudget may refuse it.
func (s *S) TryEvict(pods Pods) probe.Look {
	s.t.Helper()
	s.beforeChange()
	pod, err := pods.One(s.ctx)
	if err != nil {
		s.abort("%v", err)
	}
	return s.serverAnswer("the eviction of Pod "+pod.Name, s.evict(*pod))
}

func (s *S) evict(pod corev1.Pod) error {
	eviction := &policyv1.Eviction{
		ObjectMeta:    metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		DeleteOptions: &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(pod.UID))},
	}
	return retry.Delete(s.ctx, func(ctx context.Context) error {
		return s.cluster.Client.PolicyV1().Evictions(pod.Namespace).Evict(ctx, eviction)
	})
}

// Crash makes agnhost's netexec on port 8080 of the Pod's first container exit with code 1, and returns the Pod as it was.
// It does not wait for the consequences.
func (s *S) Crash(pods Pods) []corev1.Pod {
	s.t.Helper()
	return s.Exit(pods, 1)
}

// Exit does what Crash does, with this exit code.
func (s *S) Exit(pods Pods, code int) []corev1.Pod {
	s.t.Helper()
	s.beforeChange()
	inside := pods.In("")
	s.Eventually(inside.HTTP("http://localhost:8080/hostname")).Should(match.BeAnswered())
	before := s.List(pods)
	// The process exits before it answers, so the result of the request shows nothing.
	_, _ = inside.Run(s.ctx, "curl", "--silent", "--max-time", "2", fmt.Sprintf("http://localhost:8080/exit?code=%d", code))
	return before
}

// Run runs a command in a container and returns what it prints. The claim is inconclusive if the command fails.
func (s *S) Run(shell probe.Shell, command ...string) string {
	s.t.Helper()
	out, err := shell.Run(s.ctx, command...)
	if err != nil {
		s.abort("%v", err)
	}
	if out.ExitCode != 0 {
		s.abort("run %q: %s", command, out)
	}
	return out.Stdout
}

// Write writes a file in a container. It creates a missing directory, so that it also succeeds where the volume that
// should be mounted there is missing.
func (s *S) Write(shell probe.Shell, path, content string) {
	s.t.Helper()
	s.Run(shell, "sh", "-c", `mkdir -p "${0%/*}" && printf %s "$1" > "$0"`, path, content)
}
