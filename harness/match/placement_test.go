package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestMatchersOnPlacement(t *testing.T) {
	g := NewWithT(t)
	placed := pod("a", func(p *corev1.Pod) {
		p.Spec.NodeName = "alpha"
		p.Spec.Containers = []corev1.Container{{Name: "proxy"}, {Name: "web"}}
	})
	g.Expect(placed).To(And(BeOnNode("alpha"), Not(BeOnNode("beta")), BeScheduled()))
	_, err := HaveNotRestartedSince(nil, "db").Match(placed)
	g.Expect(err).To(MatchError(ContainSubstring("no container db, it has proxy, web")))
}

func TestMatchersOnVolumeClaims(t *testing.T) {
	g := NewWithT(t)
	bound := probe.VolumeClaim{Phase: corev1.ClaimBound, Volume: "small"}
	g.Expect(bound).To(And(BeBoundTo("small"), Not(BeBoundTo("large")), Not(BeUnbound())))
	g.Expect(probe.VolumeClaim{Phase: corev1.ClaimPending}).To(And(BeUnbound(), Not(BeBoundTo(""))))
	g.Expect(probe.VolumeClaim{Phase: corev1.ClaimLost, Volume: "small"}).NotTo(Or(BeBoundTo("small"), BeUnbound()))
}

func TestEveryTokenMustSignIn(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.Tokens{Bearers: []probe.Bearer{"me", "me"}}).To(And(SignInAs("me"), Not(SignInAs("you")), Not(BeTurnedAway())))
	g.Expect(probe.Tokens{Bearers: []probe.Bearer{"me", ""}}).NotTo(Or(SignInAs("me"), BeTurnedAway()))
	g.Expect(probe.Tokens{Bearers: []probe.Bearer{""}}).To(BeTurnedAway())
	g.Expect(probe.Tokens{}).To(And(PrintNoToken(), Not(SignInAs("me")), Not(BeTurnedAway())))
	g.Expect(probe.Tokens{Bearers: []probe.Bearer{""}}).NotTo(PrintNoToken())
}

func TestBeUnschedulable(t *testing.T) {
	refused := func(status corev1.ConditionStatus, reason, node string) corev1.Pod {
		return pod("a", func(p *corev1.Pod) {
			p.Spec.NodeName = node
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: status, Reason: reason}}
		})
	}
	g := NewWithT(t)
	g.Expect(refused(corev1.ConditionFalse, corev1.PodReasonUnschedulable, "")).To(And(BeUnschedulable(), Not(BeScheduled())))
	g.Expect(refused(corev1.ConditionTrue, "", "alpha")).To(And(Not(BeUnschedulable()), BeScheduled()))
	g.Expect(refused(corev1.ConditionFalse, corev1.PodReasonUnschedulable, "alpha")).NotTo(BeUnschedulable(), "bound in the meantime")
	g.Expect(refused(corev1.ConditionFalse, corev1.PodReasonSchedulingGated, "")).NotTo(BeUnschedulable())
	g.Expect(corev1.Pod{}).NotTo(Or(BeUnschedulable(), BeScheduled()), "no scheduler has processed it yet")
}

func TestMatchersOnNodes(t *testing.T) {
	now := metav1.Now()
	on := func(node string, status corev1.PodStatus) corev1.Pod {
		return corev1.Pod{Spec: corev1.PodSpec{NodeName: node}, Status: status}
	}
	for name, test := range map[string]struct {
		pod          corev1.Pod
		taken, other bool
	}{
		"nowhere":            {on("", corev1.PodStatus{}), false, false},
		"bound":              {on("alpha", corev1.PodStatus{}), false, false},
		"taken":              {on("alpha", corev1.PodStatus{StartTime: &now}), true, false},
		"refused":            {on("alpha", corev1.PodStatus{StartTime: &now, Phase: corev1.PodFailed, Reason: "OutOfpods"}), false, false},
		"taken by another":   {on("beta", corev1.PodStatus{StartTime: &now}), false, true},
		"bound to another":   {on("beta", corev1.PodStatus{}), false, true},
		"refused by another": {on("beta", corev1.PodStatus{Reason: "OutOfpods"}), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			taken, err := BeTakenBy("alpha").Match(test.pod)
			g.Expect(err).NotTo(HaveOccurred())
			other, err := BeOnNodeOtherThan("alpha").Match(test.pod)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect([]bool{taken, other}).To(Equal([]bool{test.taken, test.other}))
		})
	}
}
