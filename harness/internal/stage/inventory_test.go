package stage

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestInventoryReportsWhatIsNew(t *testing.T) {
	g := NewWithT(t)
	node := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{"a": "1"}}}
	before, after := inventoryOf("namespaces/default"), inventoryOf("namespaces/default", "persistentvolumes/left")
	before.addNode(node)
	node.Labels["b"] = "2"
	node.Spec.Taints = []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoSchedule}}
	after.addNode(node)
	g.Expect(after.Beyond(before)).To(Equal([]string{"label b=2 of node n", "persistentvolumes/left", "taint k:NoSchedule of node n"}))
	g.Expect(after.Beyond(after)).To(BeEmpty())
}

func TestInventoryWithoutAResource(t *testing.T) {
	g := NewWithT(t)
	refused := errors.New("forbidden")
	before, after := inventoryOf(), inventoryOf("clusterroles/left", "storageclasses.storage.k8s.io/there-before")
	before.Unlisted["storageclasses.storage.k8s.io"] = refused
	g.Expect(after.Beyond(before)).To(Equal([]string{"clusterroles/left"}), "what was not listed before may have been there")
	after.Unlisted["storageclasses.storage.k8s.io"] = refused
	g.Expect(after.Beyond(before)).To(Equal([]string{"clusterroles/left"}))
	after.Unlisted["namespaces"] = refused
	_, err := after.Beyond(before)
	g.Expect(err).To(MatchError("list namespaces: forbidden"))
}

func inventoryOf(things ...string) Inventory {
	inventory := Inventory{things: map[string]bool{}, Unlisted: map[string]error{}}
	for _, thing := range things {
		inventory.things[thing] = true
	}
	return inventory
}
