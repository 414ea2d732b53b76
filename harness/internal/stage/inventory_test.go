package stage

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestInventoryReportsWhatIsNew(t *testing.T) {
	g := NewWithT(t)
	node := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{"a": "1"}}}
	before, after := Inventory{"namespaces/default": true}, Inventory{"namespaces/default": true, "persistentvolumes/left": true}
	before.addNode(node)
	node.Labels["b"] = "2"
	node.Spec.Taints = []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoSchedule}}
	after.addNode(node)
	g.Expect(after.Beyond(before)).To(Equal([]string{"label b=2 of node n", "persistentvolumes/left", "taint k:NoSchedule of node n"}))
	g.Expect(after.Beyond(after)).To(BeEmpty())
}
