package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestMatchersOnPlacement(t *testing.T) {
	g := NewWithT(t)
	sized := pod("a", func(p *corev1.Pod) {
		p.Spec.NodeName = "alpha"
		p.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("2048Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("3Gi")},
		}}}
	})
	g.Expect(sized).To(And(BeOnNode("alpha"), Not(BeOnNode("beta")), HaveMemory("2Gi", "3Gi"), Not(HaveMemory("2Gi", "2Gi"))))

	events := probe.Events{{Reason: "Pulled", Message: "Insufficient memory"}, {Reason: "FailedScheduling", Message: "2 Insufficient cpu."}}
	g.Expect(events).To(And(HaveEvent("FailedScheduling", "Insufficient cpu"), Not(HaveEvent("FailedScheduling", "Insufficient memory"))))
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
	g.Expect(probe.Tokens{}).NotTo(Or(SignInAs("me"), BeTurnedAway()))
}
