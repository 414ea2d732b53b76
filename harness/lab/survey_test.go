package lab

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/noteproof/noteproof/harness/claim"
	"github.com/noteproof/noteproof/harness/internal/environ"
	"github.com/noteproof/noteproof/harness/internal/stage"
	"github.com/noteproof/noteproof/harness/internal/verdict"
	"github.com/noteproof/noteproof/harness/suite"
)

// refusesPods returns what a dry run of a Pod gives on a cluster that wants these properties of a Pod.
func refusesPods(accepts func(stage.Adaptation) bool) func(stage.Adaptation) error {
	return func(a stage.Adaptation) error {
		if accepts(a) {
			return nil
		}
		return apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "probe", errors.New("violates PodSecurity"))
	}
}

func TestPodsAreAdaptedAsLittleAsTheClusterWants(t *testing.T) {
	memory := []corev1.ResourceName{corev1.ResourceMemory}
	for name, c := range map[string]struct {
		accepts func(stage.Adaptation) bool
		want    *stage.Adaptation
	}{
		"everything":  {func(stage.Adaptation) bool { return true }, &stage.Adaptation{}},
		"restricted":  {func(a stage.Adaptation) bool { return a.Restricted }, &stage.Adaptation{Restricted: true, User: stage.Nobody}},
		"own users":   {func(a stage.Adaptation) bool { return a.Restricted && a.User == 0 }, &stage.Adaptation{Restricted: true}},
		"limits":      {func(a stage.Adaptation) bool { return len(a.Limits) > 0 }, &stage.Adaptation{Limits: memory}},
		"both":        {func(a stage.Adaptation) bool { return a.Restricted && len(a.Limits) > 0 }, &stage.Adaptation{Restricted: true, User: stage.Nobody, Limits: memory}},
		"no Pods":     {func(stage.Adaptation) bool { return false }, nil},
		"limits, CPU": {func(a stage.Adaptation) bool { return len(a.Limits) == 2 }, &stage.Adaptation{Limits: append(memory, corev1.ResourceCPU)}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			accepted, refused := acceptedPods(stage.Adaptation{}, refusesPods(c.accepts))
			g.Expect(accepted).To(Equal(c.want))
			g.Expect(refused == nil).To(Equal(name == "everything"))
		})
	}
	accepted, refused := acceptedPods(stage.Adaptation{}, func(stage.Adaptation) error { return errors.New("no connection") })
	NewWithT(t).Expect(accepted).To(Equal(&stage.Adaptation{}), "it says nothing about Pods")
	NewWithT(t).Expect(refused).NotTo(HaveOccurred())
}

// probing returns a probing Pod on a node whose container is in this state.
func probing(state corev1.ContainerState, id string) corev1.Pod {
	return corev1.Pod{
		Spec: corev1.PodSpec{NodeName: "node-a", Containers: []corev1.Container{{Name: probeContainer, Image: "registry.example/agnhost:1"}}},
		Status: corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{
			{Name: "mesh-proxy", ContainerID: "containerd://1", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, Ready: true},
			{Name: probeContainer, State: state, ContainerID: id},
		}},
	}
}

func waitingFor(reason string) corev1.Pod {
	return probing(corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "no such host"}}, "")
}

func TestAnImageThatCannotBeHadIsFoundOutWithinSeconds(t *testing.T) {
	running := probing(corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, "containerd://2")
	unscheduled := corev1.Pod{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{
		{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: "0/3 nodes are available"}}}}
	for name, c := range map[string]struct {
		then   func(after time.Duration) []corev1.Pod
		within time.Duration
		why    []string // nothing if Pods can run
	}{
		"it is there":  {func(time.Duration) []corev1.Pod { return []corev1.Pod{running, running} }, time.Second, nil},
		"it is absent": {func(time.Duration) []corev1.Pod { return []corev1.Pod{waitingFor("ImagePullBackOff")} }, imageWithin + time.Second, []string{"node-a", "registry.example/agnhost:1", "no such host", "NOTEPROOF_IMAGE"}},
		"on one of two nodes": {func(time.Duration) []corev1.Pod { return []corev1.Pod{waitingFor("ErrImagePull"), running} }, imageWithin + time.Second,
			[]string{"node-a", "cannot be pulled"}},
		"it comes at the second try": {func(after time.Duration) []corev1.Pod {
			if after < 12*time.Second {
				return []corev1.Pod{waitingFor("ErrImagePull")}
			}
			return []corev1.Pod{running}
		}, 13 * time.Second, nil},
		"it is large": {func(after time.Duration) []corev1.Pod {
			if after < time.Minute {
				return []corev1.Pod{waitingFor("ContainerCreating")}
			}
			return []corev1.Pod{running}
		}, time.Minute + time.Second, nil},
		"no node has room": {func(time.Duration) []corev1.Pod { return []corev1.Pod{unscheduled} }, imageWithin + time.Second, []string{"0/3 nodes are available"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				began := time.Now()
				why := awaitImage(t.Context(), func(context.Context) ([]corev1.Pod, error) { return c.then(time.Since(began)), nil }, 200*time.Millisecond)
				g.Expect(time.Since(began)).To(BeNumerically("<=", c.within))
				g.Expect(why == "").To(Equal(len(c.why) == 0), why)
				for _, words := range c.why {
					g.Expect(why).To(ContainSubstring(words))
				}
			})
		})
	}
}

// aNode returns a node with this condition Ready.
func aNode(name, system string, ready corev1.ConditionStatus) corev1.Node {
	return corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelOSStable: system}},
		Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}},
	}
}

func TestClaimsLookAtAFewNodesThatCanBeUsed(t *testing.T) {
	g := NewWithT(t)
	whole := []corev1.Node{aNode("a", "linux", corev1.ConditionTrue), aNode("b", "linux", corev1.ConditionTrue)}
	names, problems := usable(whole, []string{"a", "b"})
	g.Expect([]any{names, problems}).To(HaveEach(BeEmpty()), "a small cluster is taken as it is")

	mixed := append(whole, aNode("dead", "linux", corev1.ConditionUnknown), aNode("win", "windows", corev1.ConditionTrue))
	names, problems = usable(mixed, []string{"b"})
	g.Expect(names).To(Equal([]string{"b", "a"}))
	g.Expect(problems).To(ConsistOf(ContainSubstring("node dead"), ContainSubstring("node win runs windows")))

	var many []corev1.Node
	for i := range 200 {
		many = append(many, aNode(string(rune('A'+i)), "linux", corev1.ConditionTrue))
	}
	names, problems = usable(many, []string{many[100].Name, many[150].Name, many[160].Name})
	g.Expect(problems).To(BeEmpty())
	g.Expect(names).To(HaveLen(fewNodes))
	g.Expect(names[:2]).To(Equal([]string{many[100].Name, many[150].Name}), "those that manifests name")
}

func TestAClaimIsNotRunForWantOfPermissionsThatItsManifestDemands(t *testing.T) {
	g := NewWithT(t)
	lab := labOf(t.TempDir())
	lab.suite.Manifests = fstest.MapFS{"pod/x.yaml": {Data: []byte("# pod.x\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80}]}\n")}}
	lab.cluster = &acquired{}
	s := suite.Scenario{ID: "pod.x", Needs: []claim.Need{claim.OutsideMachine}}
	g.Expect(lab.missing(s)).To(And(ContainSubstring("NOTEPROOF_ALLOW=outside-container,node-ports was not given"), ContainSubstring("service/web is a Service of type NodePort")))
	lab.settings.allowed = environ.Permissions{environ.NodePorts: true}
	g.Expect(lab.missing(s)).To(ContainSubstring("NOTEPROOF_ALLOW=outside-container was not given"))
	lab.settings.allowed = environ.Permissions{environ.ChangeCluster: true}
	g.Expect(lab.missing(s)).To(BeEmpty())
	lab.settings.allowed, lab.cluster.own = nil, true
	g.Expect(lab.missing(s)).To(BeEmpty(), "on a cluster of our own")
}

func TestAClaimWithPodsIsNotRunWhereTheyCannotRun(t *testing.T) {
	g := NewWithT(t)
	lab := labOf(t.TempDir())
	lab.cluster, lab.noPods = &acquired{}, "the image cannot be pulled"
	lab.suite.Manifests = fstest.MapFS{
		"pod/x.yaml": {Data: []byte("# pod.x\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: agnhost}]}\n")},
		"pod/y.yaml": {Data: []byte("# pod.y\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n")},
	}
	g.Expect(lab.missing(suite.Scenario{ID: "pod.x"})).To(ContainSubstring("the image cannot be pulled"))
	g.Expect(lab.missing(suite.Scenario{ID: "pod.y"})).To(BeEmpty())

	lab.noPods = ""
	lab.suite.Manifests = fstest.MapFS{
		"pod/x.yaml": {Data: []byte("# pod.x\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {nodeName: worker-1, containers: [{name: web, image: agnhost}]}\n")},
	}
	g.Expect(lab.missing(suite.Scenario{ID: "pod.x"})).To(ContainSubstring("a worker-1, and 0 nodes that take Pods are known"))
	lab.props.Workers = []string{"node-a"}
	g.Expect(lab.missing(suite.Scenario{ID: "pod.x"})).To(BeEmpty())
}

func TestWhatTheClusterAddsIsTold(t *testing.T) {
	g := NewWithT(t)
	lab := labOf(t.TempDir())
	lab.tellChanges(&corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: probeContainer}}}})
	lab.tellPolicies(nil)
	g.Expect(lab.added).To(BeZero())
	lab.tellChanges(&corev1.Pod{Spec: corev1.PodSpec{
		Containers:  []corev1.Container{{Name: "proxy"}, {Name: probeContainer}},
		Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
	}})
	lab.tellPolicies([]networkingv1.NetworkPolicy{{ObjectMeta: metav1.ObjectMeta{Name: "deny"}}})
	g.Expect(lab.added).To(Equal(verdict.Additions{Containers: []string{"proxy"}, Policies: []string{"deny"}, Tolerations: true}))
	g.Expect(lab.adaptations).To(HaveLen(3))
}

func TestTheDigestOfTheImageIsThatOfItsNode(t *testing.T) {
	g := NewWithT(t)
	pod := func(container, imageID string) corev1.Pod {
		return corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: container, ImageID: imageID}}}}
	}
	g.Expect(imageDigest(nil)).To(BeEmpty())
	g.Expect(imageDigest([]corev1.Pod{pod(probeContainer, ""), pod("proxy", "sha256:aa")})).To(BeEmpty())
	g.Expect(imageDigest([]corev1.Pod{pod(probeContainer, ""), pod(probeContainer, "sha256:bb")})).To(Equal("sha256:bb"))
	g.Expect(imageDigest([]corev1.Pod{pod(probeContainer, "example.com/agnhost@sha256:cc")})).To(Equal("sha256:cc"))
}
