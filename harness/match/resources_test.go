package match_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	. "github.com/noteproof/noteproof/harness/match"
	"github.com/noteproof/noteproof/harness/probe"
)

func TestMatchersOnResources(t *testing.T) {
	g := NewWithT(t)
	of := func(memory string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)}
	}
	both := probe.Resources{Requests: of("2048Mi"), Limits: of("3Gi")}
	g.Expect(both).To(And(HaveRequest("memory", "2Gi"), Not(HaveRequest("memory", "1Gi")), Not(HaveRequest("cpu", "2Gi"))))
	g.Expect(both).To(And(HaveLimit("memory", "3072Mi"), Not(HaveLimit("memory", "2Gi")), Not(HaveNoLimit("memory")), HaveNoLimit("cpu")))
	g.Expect(probe.Resources{Requests: of("0")}).To(And(HaveNoLimit("memory"), Not(HaveLimit("memory", "0"))))
}
