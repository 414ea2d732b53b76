package stage

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// served returns a stage on an API server that answers each request by this function.
func served(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, body string)) *Stage {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		answer(w, r, string(body))
	}))
	t.Cleanup(server.Close)
	config := &rest.Config{Host: server.URL}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	core := schema.GroupVersion{Version: "v1"}
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{core})
	mapper.Add(core.WithKind("Pod"), meta.RESTScopeNamespace)
	mapper.Add(core.WithKind("Node"), meta.RESTScopeRoot)
	return &Stage{Namespace: "np-x", client: client, dynamic: objects, mapper: mapper, labels: map[string]string{LabelRun: "abcde"}, props: Props{Image: "own/image"}}
}

func TestDryRunShowsWhatWouldBeStored(t *testing.T) {
	g := NewWithT(t)
	pod := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "web"},
		"spec": map[string]any{"containers": []any{map[string]any{"name": "web", "image": "agnhost"}}},
	}}
	s := served(t, func(w http.ResponseWriter, r *http.Request, body string) {
		g.Expect(r.URL.Path).To(Equal("/api/v1/namespaces/np-x/pods"))
		g.Expect(r.URL.Query()).To(And(HaveKeyWithValue("dryRun", []string{"All"}), HaveKeyWithValue("fieldValidation", []string{"Ignore"})))
		g.Expect(body).To(And(ContainSubstring(`"name":"web-dry-run"`), ContainSubstring("own/image"), ContainSubstring("abcde")))
		w.Header().Add("Warning", `299 - "take care"`)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, body)
	})
	stored, warnings, err := s.DryRun(t.Context(), pod)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(stored).To(HaveKeyWithValue("kind", "Pod"))
	g.Expect(warnings).To(Equal([]string{"take care"}))
	g.Expect(pod.GetName()).To(Equal("web"), "the manifest's own object is not changed")
}

func TestPatchOfASubresource(t *testing.T) {
	g := NewWithT(t)
	found := true
	s := served(t, func(w http.ResponseWriter, r *http.Request, body string) {
		g.Expect(r.Method + " " + r.URL.Path).To(Equal("PATCH /api/v1/namespaces/np-x/pods/web/resize"))
		g.Expect(r.Header.Get("Content-Type")).To(Equal(string(types.StrategicMergePatchType)))
		g.Expect(body).To(MatchJSON(`{"spec":{"containers":[{"name":"web"}]}}`))
		if !found {
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(apierrors.NewNotFound(schema.GroupResource{}, "web").Status())
			return
		}
		_, _ = io.WriteString(w, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}`)
	})
	const patch = "spec: {containers: [{name: web}]}"
	g.Expect(s.Patch(t.Context(), "pod/web/resize", patch)).To(Succeed())
	found = false
	g.Expect(s.Patch(t.Context(), "pod/web/resize", patch)).To(Satisfy(apierrors.IsNotFound))
	g.Expect(s.Patch(t.Context(), "node/worker-1", patch)).To(MatchError(ContainSubstring("cluster-scoped")))
	g.Expect(s.Patch(t.Context(), "pod/web", "{")).To(MatchError(ContainSubstring("read the patch of pod/web")))
}
