package breaks

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestPolicyObjects(t *testing.T) {
	g := NewWithT(t)
	p := Policy{Name: "x", Resource: "services", OnUpdate: true, Condition: "true", Patches: "[]"}
	policy, binding := p.spec().objects("v1beta1")
	g.Expect(policy.GetAPIVersion()).To(Equal("admissionregistration.k8s.io/v1beta1"))
	g.Expect(policy.GetName()).To(Equal("noteproof-x"))
	name, _, err := unstructured.NestedString(binding.Object, "spec", "policyName")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(name).To(Equal(policy.GetName()))

	rules, found, err := unstructured.NestedSlice(policy.Object, "spec", "matchConstraints", "resourceRules")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(BeTrue())
	g.Expect(rules).To(ConsistOf(HaveKeyWithValue("operations", []any{"CREATE", "UPDATE"})))
	selector, _, err := unstructured.NestedSlice(policy.Object, "spec", "matchConstraints", "namespaceSelector", "matchExpressions")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(selector).To(ConsistOf(HaveKeyWithValue("key", "noteproof.dev/run")), "namespaces of the system are left alone")
}

func TestAPolicyWithoutConditionHasNone(t *testing.T) {
	policy, _ := Policy{Name: "x", Resource: "pods", Patches: "[]"}.spec().objects("v1")
	NewWithT(t).Expect(policy.Object["spec"]).NotTo(HaveKey("matchConditions"))
}

func TestEmptyFields(t *testing.T) {
	container := map[string]any{"resources": map[string]any{}, "image": "a"}
	for _, c := range []struct {
		path   []string
		wanted bool
	}{
		{[]string{"resources"}, true},
		{[]string{"resources", "limits"}, true},
		{[]string{"volumeMounts"}, true},
		{[]string{"image"}, false},
	} {
		NewWithT(t).Expect(empty(field(container, c.path...))).To(Equal(c.wanted), "%v", c.path)
	}
	NewWithT(t).Expect(text(container, "image")).To(Equal("a"))
	NewWithT(t).Expect(text("no object", "image")).To(BeEmpty())
}
