package stage

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestClosePreservesAPreexistingNamespace(t *testing.T) {
	g := NewWithT(t)
	client := fake.NewClientset(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kubernetes-dashboard"}})
	stage, err := Open(t.Context(), Options{Claim: "dashboard.x", Run: "abcde", Namespace: "kubernetes-dashboard", Client: client})
	g.Expect(err).To(MatchError(ContainSubstring(`namespaces "kubernetes-dashboard" already exists`)))
	g.Expect(stage.Close(t.Context())).To(Succeed())
	_, err = client.CoreV1().Namespaces().Get(t.Context(), "kubernetes-dashboard", metav1.GetOptions{})
	g.Expect(err).NotTo(HaveOccurred())
}

func TestMentions(t *testing.T) {
	g := NewWithT(t)
	volumes := []any{map[string]any{"hostPath": map[string]any{"path": NodeFolder}}}
	g.Expect(mentions(map[string]any{"spec": map[string]any{"volumes": volumes}}, NodeFolder)).To(BeTrue())
	g.Expect(mentions(map[string]any{"spec": map[string]any{"volumes": volumes}}, OwnName)).To(BeFalse())
}
