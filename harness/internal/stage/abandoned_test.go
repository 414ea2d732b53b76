package stage

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	metadatafake "k8s.io/client-go/metadata/fake"
	clienttesting "k8s.io/client-go/testing"
)

// abandonedBy returns the namespace of a run that has ended, whose Pods may have created these folders.
func abandonedBy(run, folders string) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "np-volume-x-" + run, Labels: map[string]string{LabelRun: run},
			Annotations: map[string]string{annotationUntil: "2026-01-01T00:00:00Z", annotationFolders: folders},
		},
	}
}

// sweepOf returns a sweep of a cluster that has these namespaces.
func sweepOf(t *testing.T, namespaces ...*metav1.PartialObjectMetadata) (s *clusterSweep, all []found) {
	t.Helper()
	known := metadatafake.NewTestScheme()
	if err := metav1.AddMetaToScheme(known); err != nil {
		t.Fatal(err)
	}
	var objects []runtime.Object
	for _, n := range namespaces {
		objects = append(objects, n)
		all = append(all, found{corev1.SchemeGroupVersion.WithResource("namespaces"), n})
	}
	client := fake.NewClientset()
	client.PrependReactor("patch", "serviceaccounts", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, &corev1.ServiceAccount{}, nil
	})
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Pod"), meta.RESTScopeNamespace)
	return &clusterSweep{
		client: client, objects: metadatafake.NewSimpleMetadataClient(known, objects...), dynamic: dynamicfake.NewSimpleDynamicClient(scheme.Scheme),
		mapper: mapper, image: "agnhost", now: time.Now(),
	}, all
}

func readyNode(name string, ready corev1.ConditionStatus) corev1.Node {
	return corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}},
	}
}

func TestFoldersOfDeadRunsAreRemovedFromTheNodes(t *testing.T) {
	g := NewWithT(t)
	s, all := sweepOf(t, abandonedBy("aaaaa", "/var/tmp/np-volume-x-aaaaa"), abandonedBy("bbbbb", "/var/tmp/np-volume-y-bbbbb,/etc"))
	g.Expect(s.removeDead(t.Context(), all, []corev1.Node{readyNode("w1", corev1.ConditionTrue)}, true)).To(Succeed())
	g.Expect(s.swept.Removed).To(ContainElements(HavePrefix("namespaces/np-volume-x-aaaaa"), HavePrefix("namespaces/np-volume-x-bbbbb"), HaveSuffix("on the nodes")))
	pods, err := s.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).List(t.Context(), metav1.ListOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(pods.Items).To(HaveLen(1))
	containers, _, err := unstructured.NestedSlice(pods.Items[0].Object, "spec", "containers")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(containers).To(HaveExactElements(HaveKeyWithValue("command", []any{"rm", "-rf", "/var/tmp/np-volume-x-aaaaa", "/var/tmp/np-volume-y-bbbbb"})), "and no folder of others")
	g.Expect(s.client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})).To(HaveField("Items", BeEmpty()), "the stage of the sweep is closed")
}

func TestAFolderThatCannotBeRemovedIsNotForgotten(t *testing.T) {
	g := NewWithT(t)
	s, all := sweepOf(t, abandonedBy("aaaaa", "/var/tmp/np-volume-x-aaaaa"))
	err := s.removeDead(t.Context(), all, []corev1.Node{readyNode("w1", corev1.ConditionTrue), readyNode("w2", corev1.ConditionFalse)}, true)
	g.Expect(err).To(MatchError(ContainSubstring("node w2 is not Ready")))
	left, err := s.client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(left.Items).To(HaveExactElements(HaveField("Annotations", HaveKeyWithValue(annotationFolders, "/var/tmp/np-volume-x-aaaaa"))))
}

func TestFoldersAreRemovedOnlyIfThatIsAllowed(t *testing.T) {
	g := NewWithT(t)
	s, all := sweepOf(t, abandonedBy("aaaaa", "/var/tmp/np-volume-x-aaaaa"), abandonedBy("bbbbb", ""))
	all = append(all, found{corev1.SchemeGroupVersion.WithResource("persistentvolumes"), abandonedBy("aaaaa", "")})
	err := s.removeDead(t.Context(), all, []corev1.Node{readyNode("w1", corev1.ConditionTrue)}, false)
	g.Expect(err).To(MatchError(ContainSubstring("noteproof clean")))
	namespaces := s.objects.Resource(corev1.SchemeGroupVersion.WithResource("namespaces"))
	_, err = namespaces.Get(t.Context(), "np-volume-x-aaaaa", metav1.GetOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = namespaces.Get(t.Context(), "np-volume-x-bbbbb", metav1.GetOptions{})
	g.Expect(apierrors.IsNotFound(err)).To(BeTrue())
	g.Expect(s.swept.Removed).To(HaveLen(1), "the volume that goes only with the Pods stays as well")
}
