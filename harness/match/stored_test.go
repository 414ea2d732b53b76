package match_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestBeStored(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.Stored{Field: "spec.x", Value: "1"}).To(BeStored())
	g.Expect(probe.Stored{Field: "spec.x"}).NotTo(BeStored())
	g.Expect(probe.Stored{Field: "spec.x", Refusal: probe.Answer{Status: http.StatusUnprocessableEntity}}).NotTo(BeStored())
}

func TestHaveCPUQuota(t *testing.T) {
	g := NewWithT(t)
	g.Expect(probe.CPUQuota(0.2)).To(And(HaveCPUQuota(0.2), Not(HaveCPUQuota(0.4)), Not(HaveCPUQuota(0))))
	g.Expect(probe.CPUQuota(0)).To(HaveCPUQuota(0))
}

func TestMatchersOnWhatServicesSay(t *testing.T) {
	g := NewWithT(t)
	mode := corev1.LoadBalancerIPModeVIP
	service := corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "np-x", Name: "web"}}
	g.Expect(service).NotTo(HaveIPMode())
	service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "10.0.0.1", IPMode: &mode}}
	g.Expect(service).To(HaveIPMode())
	g.Expect(probe.AddressOwner("services/np-x/web")).To(And(BelongTo(service), Not(BeNoObject())))
	g.Expect(probe.AddressOwner("services/other/web")).NotTo(BelongTo(service))
	g.Expect(probe.AddressOwner("")).To(BeNoObject())
}

func TestSayWhyEnded(t *testing.T) {
	g := NewWithT(t)
	pod := func(status corev1.ConditionStatus) corev1.Pod {
		return corev1.Pod{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: status, Reason: "DeletionByTaintManager"}}}}
	}
	g.Expect(pod(corev1.ConditionTrue)).To(And(SayWhyEnded("DeletionByTaintManager"), Not(SayWhyEnded("EvictionByEvictionAPI")), Not(SayNoReason())))
	g.Expect(pod(corev1.ConditionFalse)).To(And(Not(SayWhyEnded("DeletionByTaintManager")), SayNoReason()))
}
