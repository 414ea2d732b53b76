package stage

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/noteproof/noteproof/harness/internal/environ"
)

func permissions(demands []Demand) []environ.Permission {
	var found []environ.Permission
	for _, demand := range demands {
		found = append(found, demand.Permission)
	}
	return found
}

func TestWhatAnObjectDemandsOfSomebodyElsesCluster(t *testing.T) {
	for text, want := range map[string][]environ.Permission{
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}":                                                                                     nil,
		"{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}}":                                                                              {environ.ClusterObjects},
		"{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: ClusterIP}}":                                                              nil,
		"{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort}}":                                                               {environ.NodePorts},
		"{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: LoadBalancer}}":                                                           {environ.LoadBalancers},
		"{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {externalIPs: [192.0.2.1]}}":                                                     {environ.LoadBalancers},
		"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}}":                                                                     {environ.LoadBalancers},
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: agnhost}]}}":                                          nil,
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: true, containers: [{name: a}]}}":                                       {environ.PrivilegedPods},
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, ports: [{containerPort: 80, hostPort: 80}]}]}}":              {environ.PrivilegedPods},
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {initContainers: [{name: a, securityContext: {privileged: true}}], containers: []}}": {environ.PrivilegedPods},
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {volumes: [{name: a, hostPath: {path: /etc}}], containers: []}}":                     {environ.HostPaths},
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, resources: {requests: {memory: 20Gi}}}]}}":                   {environ.NodeMemory},
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, resources: {requests: {memory: 2Gi}}}]}}":                    nil,
		"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: true, containers: {name: a}}}":                                         nil, // no Pod at all
		"{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}, spec: {template: {spec: {hostPID: true, containers: []}}}}":                     {environ.PrivilegedPods},
		"{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: {template: {spec: {hostIPC: true, containers: [], " +
			"volumes: [{name: a, hostPath: {path: /etc}}]}}}}}}": {environ.PrivilegedPods, environ.HostPaths},
	} {
		t.Run(text, func(t *testing.T) {
			g := NewWithT(t)
			object, err := decodeUntyped([]byte(text))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(permissions(Demands(object))).To(ConsistOf(want))
		})
	}
}

func TestAnInitContainerMayBeLeftOutWhereItIsNotAllowed(t *testing.T) {
	g := NewWithT(t)
	object, err := decodeUntyped([]byte("{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {noteproof.dev/if-allowed: near}}, " +
		"spec: {initContainers: [{name: near, securityContext: {privileged: true}}, {name: other}], containers: [{name: a}]}}"))
	g.Expect(err).NotTo(HaveOccurred())
	manifest := &Manifest{}
	manifest.Objects = append(manifest.Objects, object)
	none := func(environ.Permission) bool { return false }
	g.Expect(manifest.Demands(none)).To(BeEmpty())
	g.Expect(Demands(object)).To(HaveLen(1), "it is as it was")
	left := permitted(object, none).Object["spec"].(map[string]any)["initContainers"]
	g.Expect(left).To(ConsistOf(HaveKeyWithValue("name", "other")))
	g.Expect(permitted(object, nil)).To(BeIdenticalTo(object), "on a cluster of our own")

	s := &Stage{}
	s.options.Allowed = func(environ.Permission) bool { return true }
	s.props.Adaptation = &Adaptation{}
	g.Expect(Demands(s.prepare(object))).To(HaveLen(1), "it is allowed")
	s.props.Adaptation.Restricted = true
	g.Expect(Demands(s.prepare(object))).To(BeEmpty(), "it is allowed, and the cluster refuses it")
}

// A claim's body may do anything with its client. Whatever it does to more than the claim's namespaces does not reach the API server.
func TestAGuardRefusesWhatWasNotAllowedBeforeItIsSent(t *testing.T) {
	hostPod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: corev1.PodSpec{HostNetwork: true}}
	plainPod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
	requests := map[string]struct {
		make   func(ctx context.Context, c kubernetes.Interface) error
		demand environ.Permission // empty if the request is the claim's own business
	}{
		"a Pod of the claim": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Pods("np-own").Create(ctx, plainPod, metav1.CreateOptions{})
			return err
		}, ""},
		"a Pod in the node's network": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Pods("np-own").Create(ctx, hostPod, metav1.CreateOptions{})
			return err
		}, environ.PrivilegedPods},
		"such a Pod as a dry run": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Pods("np-own").Create(ctx, hostPod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			return err
		}, ""},
		"a Pod elsewhere": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Pods("default").Create(ctx, plainPod, metav1.CreateOptions{})
			return err
		}, environ.ClusterObjects},
		"a list of Pods elsewhere": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Pods("default").List(ctx, metav1.ListOptions{})
			return err
		}, ""},
		"the deletion of Pods elsewhere": {func(ctx context.Context, c kubernetes.Interface) error {
			return c.CoreV1().Pods("default").DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
		}, environ.ClusterObjects},
		"a command in a Pod elsewhere": {func(ctx context.Context, c kubernetes.Interface) error {
			return c.CoreV1().RESTClient().Get().Namespace("kube-system").Resource("pods").Name("a").SubResource("exec").Do(ctx).Error()
		}, environ.ClusterObjects},
		"a Service that becomes a NodePort": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Services("np-own").Patch(ctx, "a", types.StrategicMergePatchType, []byte(`{"spec":{"type":"NodePort"}}`), metav1.PatchOptions{})
			return err
		}, environ.NodePorts},
		"a label of a node": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Nodes().Patch(ctx, "a", types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}}}`), metav1.PatchOptions{})
			return err
		}, environ.NodeLabels},
		"a taint of a node": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Nodes().Patch(ctx, "a", types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}},"spec":{"taints":[]}}`), metav1.PatchOptions{})
			return err
		}, environ.BreakNodes},
		"the deletion of a node": {func(ctx context.Context, c kubernetes.Interface) error {
			return c.CoreV1().Nodes().Delete(ctx, "a", metav1.DeleteOptions{})
		}, environ.BreakNodes},
		"a CronJob whose Pods come to mount a folder of their node": {func(ctx context.Context, c kubernetes.Interface) error {
			patch := `{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"volumes":[{"name":"a","hostPath":{"path":"/etc"}}]}}}}}}`
			_, err := c.BatchV1().CronJobs("np-own").Patch(ctx, "a", types.MergePatchType, []byte(patch), metav1.PatchOptions{})
			return err
		}, environ.HostPaths},
		"a label of the claim's namespace": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Namespaces().Patch(ctx, "np-own", types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}}}`), metav1.PatchOptions{})
			return err
		}, ""},
		"the deletion of another namespace": {func(ctx context.Context, c kubernetes.Interface) error {
			return c.CoreV1().Namespaces().Delete(ctx, "default", metav1.DeleteOptions{})
		}, environ.ClusterObjects},
		"another namespace": {func(ctx context.Context, c kubernetes.Interface) error {
			_, err := c.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, metav1.CreateOptions{})
			return err
		}, environ.ClusterObjects},
	}
	for _, content := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
		for name, r := range requests {
			t.Run(content+": "+name, func(t *testing.T) {
				g := NewWithT(t)
				arrived := 0
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					arrived++
					w.Header().Set("Content-Type", runtime.ContentTypeJSON)
					_, _ = w.Write([]byte("{}"))
				}))
				defer server.Close()
				config := &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: content}}
				var denied Denied
				config.Wrap(Guard{
					Namespaces: []string{"np-own"}, Allowed: func(environ.Permission) bool { return false }, Refused: func(d Denied) { denied = d },
				}.Wrap)
				client, err := kubernetes.NewForConfig(config)
				g.Expect(err).NotTo(HaveOccurred())
				err = r.make(t.Context(), client)
				if r.demand == "" {
					g.Expect(denied).To(BeEmpty())
					g.Expect(arrived).To(Equal(1))
					return
				}
				g.Expect(err).To(MatchError(ContainSubstring("NOTEPROOF_ALLOW=" + string(r.demand))))
				g.Expect(permissions(denied)).To(ConsistOf(r.demand))
				g.Expect(arrived).To(BeZero())
			})
		}
	}
}
