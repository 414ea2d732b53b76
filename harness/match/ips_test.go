package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	. "github.com/noteproof/noteproof/harness/match"
)

func TestAddresses(t *testing.T) {
	at := func(ip string) corev1.Pod { return pod("a", func(p *corev1.Pod) { p.Status.PodIP = ip }) }
	before := []corev1.Pod{at("10.0.0.1"), at("10.0.0.2")}
	g := NewWithT(t)
	g.Expect(at("10.0.0.3")).To(HaveOtherIPThan(before))
	g.Expect(at("10.0.0.2")).NotTo(HaveOtherIPThan(before))
	g.Expect(at("")).NotTo(HaveOtherIPThan(before), "it has none yet")

	g.Expect(before).NotTo(ShareAnIP())
	g.Expect(append(before, at("10.0.0.1"))).To(ShareAnIP())
	g.Expect([]corev1.Pod{at(""), at("")}).NotTo(ShareAnIP(), "an empty IP is not shared")
	g.Expect([]corev1.Pod{}).NotTo(ShareAnIP())
}
