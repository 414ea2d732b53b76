package probe

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestDescribeResources(t *testing.T) {
	g := NewWithT(t)
	both := corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("2Gi"), corev1.ResourceCPU: resource.MustParse("80m")}
	g.Expect(Resources{Requests: both}.String()).To(Equal("requests cpu=80m memory=2Gi, limits none"))
}
