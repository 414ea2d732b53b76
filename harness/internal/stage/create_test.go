package stage

import (
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
)

// A CustomResourceDefinition keeps its name, so somebody else's may have the same one. The API server's first response is lost.
func TestCreateDoesNotAdoptAnObjectOfSomebodyElse(t *testing.T) {
	definition := func(labels map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
			"metadata": map[string]any{"name": "kettles.example.com", "labels": labels},
			"spec":     map[string]any{"group": "example.com", "names": map[string]any{"kind": "Kettle"}},
		}}
	}
	ours := map[string]any{LabelClaim: "custom.x", LabelRun: "abcde"}
	for name, c := range map[string]struct {
		labels  map[string]any
		adopted bool
	}{
		"ours":           {ours, true},
		"of another run": {map[string]any{LabelClaim: "custom.x", LabelRun: "fghij"}, false},
		"without labels": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client := fake.NewSimpleDynamicClient(runtime.NewScheme(), definition(c.labels))
			tries := 0
			client.PrependReactor("create", "*", func(clienttesting.Action) (bool, runtime.Object, error) {
				tries++
				return tries == 1, nil, apierrors.NewServiceUnavailable("the response is lost")
			})
			mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{{Group: "example.com", Version: "v1"}})
			mapper.Add(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}, meta.RESTScopeRoot)
			mapper.Add(schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Kettle"}, meta.RESTScopeNamespace)
			s := &Stage{dynamic: client, mapper: mapper, labels: map[string]string{LabelClaim: "custom.x", LabelRun: "abcde"}}
			g.Expect(s.Create(t.Context(), definition(nil))).To(MatchError(ContainSubstring("customresourcedefinition/kettles.example.com is outside of the claim's namespace")))
			g.Expect(tries).To(BeZero())

			s.options.ClusterScoped = true
			err := s.Create(t.Context(), definition(nil))
			g.Expect(tries).To(Equal(2))
			if c.adopted {
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(s.clusterScoped).To(HaveLen(1))
				return
			}
			g.Expect(err).To(MatchError(ContainSubstring("already exists")))
			g.Expect(s.clusterScoped).To(BeEmpty(), "Close would delete it")
		})
	}
}
