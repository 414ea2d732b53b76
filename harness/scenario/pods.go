package scenario

import (
	"context"
	"time"

	"github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/evidence"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// S is the handle that a scenario's body uses. It carries the test, the cluster and the record, cleans up after itself, and
// belongs to one scenario. Steps that fail end the body, and the claim is inconclusive.
type S struct {
	t        T
	ctx      context.Context
	run      Run
	job      Job
	claim    claim.Claim
	stage    *stage.Stage
	manifest *stage.Manifest
	cluster  probe.Cluster
	entry    *evidence.Claim
	expected map[*claim.Point]bool
	settled  map[*claim.Point]bool // points that were seen to be other than expected
	trouble  string                // why the claim is inconclusive; empty while it is not
	unfit    string                // why this cluster cannot show the claim; empty when it can
	unmet    string                // the step that ended the scenario because it did not come out as wanted; empty while none did
	changed  bool                  // it has changed something on purpose
	unseen   bool                  // something could not be observed
	stopped  []string              // nodes that the scenario has stopped
	relies   []verdict.Part
	started  time.Time // or when it was disturbed on purpose: what was so before explains nothing
	left     []error   // what could not be cleaned up
}

// Pods are Pods that a body looks at.
type Pods = probe.Pods

// change changes the claim's entry in the record, which is then written.
func (s *S) change(do func(*evidence.Claim)) {
	if err := s.run.Recorder.ChangeClaim(s.entry, do); err != nil {
		s.t.Errorf("%s: %v", s.claim.ID, err)
	}
}

// read reads the claim's entry while nobody changes it.
func (s *S) read(do func(*evidence.Claim)) {
	s.run.Recorder.Read(func(*evidence.Record) { do(s.entry) })
}

// Pods looks at the Pods of the claim's namespace that this label selector selects.
func (s *S) Pods(selector string) Pods { return s.cluster.Pods(selector) }

// Ready waits until the selector selects Pods and all of them are ready.
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

// Delete deletes the Pods as a user would, and returns them as they were.
func (s *S) Delete(pods Pods) []corev1.Pod {
	s.t.Helper()
	s.changing()
	old := s.List(pods)
	for _, pod := range old {
		if err := s.cluster.Client.CoreV1().Pods(pod.Namespace).Delete(s.ctx, pod.Name, metav1.DeleteOptions{}); err != nil {
			s.abort("delete Pod %s: %v", pod.Name, err)
		}
	}
	return old
}

// Remove deletes the Pods, waits until these very ones are gone, and returns them as they were.
func (s *S) Remove(pods Pods) []corev1.Pod {
	s.t.Helper()
	old := s.Delete(pods)
	s.Eventually(pods).Should(gomega.Not(gomega.ContainElement(match.BeAmong(old))))
	return old
}

// Evict asks for the Pods' eviction, as kubectl drain does for the Pods of a node, and returns them as they were.
func (s *S) Evict(pods Pods) []corev1.Pod {
	s.t.Helper()
	s.changing()
	old := s.List(pods)
	for _, pod := range old {
		eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
		if err := s.cluster.Client.PolicyV1().Evictions(pod.Namespace).Evict(s.ctx, eviction); err != nil {
			s.abort("evict Pod %s: %v", pod.Name, err)
		}
	}
	return old
}

// Crash makes agnhost's netexec at port 8080 of the Pod's first container exit with code 1, and returns the Pod as it
// was. It does not wait for what comes of it.
func (s *S) Crash(pods Pods) []corev1.Pod {
	s.t.Helper()
	s.changing()
	inside := pods.In("")
	s.Eventually(inside.HTTP("http://localhost:8080/hostname")).Should(match.BeAnswered())
	before := s.List(pods)
	// The answer is lost together with the process that gives it, so only what the scenario sees next shows it.
	_, _ = inside.Run(s.ctx, "curl", "--silent", "--max-time", "2", "http://localhost:8080/exit?code=1")
	return before
}

// Run runs a command in a container; it must succeed.
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

// Write writes a file in a container. It makes the folder where that is not there, so that a volume which should be mounted
// there and is not keeps nobody from writing.
func (s *S) Write(shell probe.Shell, path, content string) {
	s.t.Helper()
	s.Run(shell, "sh", "-c", `mkdir -p "${0%/*}" && printf %s "$1" > "$0"`, path, content)
}

// Create creates the object of the manifest that is annotated to come later, by its name: "pod/late".
func (s *S) Create(name string) {
	s.t.Helper()
	s.changing()
	if err := s.stage.Create(s.ctx, s.later(name)); err != nil {
		s.abort("%v", err)
	}
}

// later is an object of the manifest.
func (s *S) later(name string) *unstructured.Unstructured {
	s.t.Helper()
	for _, object := range s.manifest.Objects {
		if stage.Name(object) == name {
			return object
		}
	}
	s.abort("the scenario is wrong: %s holds no %s", s.manifest.Path, name)
	return nil
}
