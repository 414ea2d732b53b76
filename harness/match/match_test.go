package match_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

// pod returns a ready Pod with this UID, after a change.
func pod(uid types.UID, change func(*corev1.Pod)) corev1.Pod {
	p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: uid}, Status: corev1.PodStatus{
		PodIP: "10.0.0.1", Phase: corev1.PodRunning,
		Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		ContainerStatuses: []corev1.ContainerStatus{{Name: "c", Ready: true}},
	}}
	if change != nil {
		change(&p)
	}
	return p
}

func TestMatchersOnPods(t *testing.T) {
	g := NewWithT(t)
	ready := pod("a", nil)
	deleted := pod("a", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} })
	other := pod("b", func(p *corev1.Pod) { p.Status.PodIP = "10.0.0.2" })
	g.Expect(ready).To(And(BeReady(), HaveNeverRestarted(), BeAmong([]corev1.Pod{ready}), HaveIPAmong([]corev1.Pod{ready}), BeInPhase(corev1.PodRunning)))
	g.Expect(deleted).To(And(BeTerminating(), Not(BeReady())))
	g.Expect(ready).NotTo(BeTerminating())
	g.Expect(corev1.Pod{}).NotTo(Or(BeReady(), HaveNeverRestarted(), HaveIPAmong([]corev1.Pod{{}})))
	g.Expect(other).NotTo(Or(BeAmong([]corev1.Pod{ready}), HaveIPAmong([]corev1.Pod{ready})))
}

func TestMatchersOnFiles(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.File{Exists: true, Content: "x"}).To(And(Contain("x"), Not(BeGone())))
	g.Expect(probe.File{}).NotTo(Contain(""))
}

func TestAMatcherDescribesItself(t *testing.T) {
	g := NewWithT(t)
	g.Expect(BeReady().String()).To(Equal("be ready"))
}
