package stage

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
)

// A controller's Pods are refused after the controller was accepted: only a Pod like them shows it in front.
func TestPodsThatTheClusterDoesNotAllow(t *testing.T) {
	const manifest = `# pod.x: a Pod of each kind
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: agnhost}]}
---
apiVersion: v1
kind: Pod
metadata: {name: late, annotations: {noteproof.dev/later: ""}}
spec: {containers: [{name: late, image: agnhost}]}
`
	policy := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "web-x", context.DeadlineExceeded)
	for name, c := range map[string]struct {
		answer  error
		refused bool
	}{
		"by a policy":              {policy, true},
		"allowed":                  {nil, false},
		"for a moment's trouble":   {apierrors.NewServiceUnavailable("overloaded"), false},
		"since they are malformed": {apierrors.NewBadRequest("no such field"), false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			read, err := ReadManifest(fstest.MapFS{"pod/x.yaml": {Data: []byte(manifest)}}, "pod.x")
			g.Expect(err).NotTo(HaveOccurred())
			client := fake.NewSimpleDynamicClient(runtime.NewScheme())
			var tried []*unstructured.Unstructured
			client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
				create := action.(clienttesting.CreateActionImpl)
				g.Expect(create.GetCreateOptions().DryRun).To(Equal([]string{"All"}))
				tried = append(tried, create.GetObject().(*unstructured.Unstructured))
				return true, create.GetObject(), c.answer
			})
			mapper := meta.NewDefaultRESTMapper(nil)
			mapper.Add(schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, meta.RESTScopeNamespace)
			s := &Stage{dynamic: client, mapper: mapper, Namespace: "np-pod-x", labels: map[string]string{LabelClaim: "pod.x", LabelRun: "abcde"}}

			err = s.tryPods(t.Context(), read)
			g.Expect(tried).To(HaveLen(1), "neither the ConfigMap nor what is created later")
			g.Expect(tried[0].GetKind()).To(Equal("Pod"))
			g.Expect(tried[0].GetLabels()).To(HaveKeyWithValue("app", "web"))
			g.Expect(tried[0].GetLabels()).To(HaveKeyWithValue(LabelRun, "abcde"), "policies select by them")
			var refused *Refusal
			if c.refused {
				g.Expect(errors.As(err, &refused)).To(BeTrue())
				g.Expect(err).To(MatchError(ContainSubstring("pod/x.yaml")))
				g.Expect(refused.Object).To(ContainSubstring("web"))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
}
