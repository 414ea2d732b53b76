package scenario

import (
	"fmt"

	"github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// FreeMemory looks at how much memory of a node is not requested by Pods, other than those that are excepted.
func (s *S) FreeMemory(node string, except ...Pods) probe.Look {
	return s.cluster.FreeMemory(node, except...)
}

// FillOneWorker creates a Pod that requests memory on one of the workers that manifests call worker-1 and worker-2, so that
// only the quantity remaining is free for requests there. It returns the name of that worker and the name of the other one. It
// fills the worker with less free memory, to take as little as possible from other Pods. The Pod app=memory-holder requests
// the memory and uses none of it. On somebody else's cluster this keeps other Pods away, so the claim must need
// claim.NodeMemory. A claim on such a cluster is not run if a Pod that requests the quantity needed does not fit the
// other worker; on one of noteproof's own it is inconclusive.
func (s *S) FillOneWorker(remaining, needed string) (full, roomy string) {
	s.t.Helper()
	s.mustNeed(claim.NodeMemory)
	first, second := s.Node("worker-1"), s.Node("worker-2")
	filled, other, err := pick(worker{first, s.freeMemory(first)}, worker{second, s.freeMemory(second)}, needed)
	switch {
	case err != nil && s.run.Adopted:
		s.notRun("this cluster cannot show it: %v", err)
	case err != nil:
		s.abort("%v", err)
	}
	left := resource.MustParse(remaining)
	s.holdMemory(filled.name, max(0, int64(filled.free)-left.Value()))
	s.Eventually(s.Pods("app=memory-holder")).Should(gomega.ConsistOf(match.BeTakenBy(filled.name)))
	return filled.name, other.name
}

// worker is a node with its memory that is free for requests.
type worker struct {
	name string
	free probe.FreeMemory
}

// pick returns the worker with less free memory, which is to be filled, and the other one. It returns an error if a Pod that
// requests the quantity needed does not fit the other one.
func pick(a, b worker, needed string) (full, roomy worker, err error) {
	if full, roomy = a, b; full.free > roomy.free {
		full, roomy = b, a
	}
	if quantity := resource.MustParse(needed); int64(roomy.free) < quantity.Value() {
		return full, roomy, fmt.Errorf("no worker has room for a Pod that requests %s of memory: %s has %s, %s has %s", needed, full.name, full.free, roomy.name, roomy.free)
	}
	return full, roomy, nil
}

func (s *S) freeMemory(node string) probe.FreeMemory {
	s.t.Helper()
	seen, err := s.FreeMemory(node).Ask(s.ctx)
	free, ok := seen.(probe.FreeMemory)
	if err != nil || !ok {
		s.abort("the free memory of node %s is unknown: %v", node, err)
	}
	return free
}

func (s *S) holdMemory(node string, bytes int64) {
	s.t.Helper()
	gracePeriod := int64(1)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "memory-holder", Labels: map[string]string{"app": "memory-holder"}},
		Spec: corev1.PodSpec{
			NodeName: node, TerminationGracePeriodSeconds: &gracePeriod,
			Containers: []corev1.Container{{
				Name: "holder", Image: s.run.Props.Image, Args: []string{"pause"},
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceMemory: *resource.NewQuantity(bytes, resource.BinarySI)}},
			}},
		},
	}
	if err := s.stage.CreatePod(s.ctx, pod); err != nil {
		s.abort("request memory on node %s: %v", node, err)
	}
}
